"""Claims: what the software says about itself and the literature, each checked by a run."""
