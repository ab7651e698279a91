"""Tools for collections of words and terms: what stands for an analogy, what does not belong, what belongs together."""
