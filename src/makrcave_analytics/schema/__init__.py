"""What clients see. Each file reads like the part of the SDL that it makes; resolvers/ has the behaviour."""
