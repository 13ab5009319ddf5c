"""What other people's speech models left behind: predictions and hidden states, read without torch.

Nothing here unpickles anything: a pickle runs whatever program it holds.
"""
