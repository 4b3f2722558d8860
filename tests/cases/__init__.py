"""What tests share: the story, the browser, databases of their own."""
