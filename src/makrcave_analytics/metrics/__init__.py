"""What is measured: declarations of metrics, and what turns questions about them into statements and numbers."""
