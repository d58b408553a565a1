"""PDF: content on pages.

document       the whole file
canvas         a page with text, fonts and colours
table          a table over pages
cards          headline figures
summary        a section in small, six on a page
chart_image    a chart as a picture on a page
"""
