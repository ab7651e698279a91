"""The report card: how well a collection is searched, with how much to spare for chance."""
