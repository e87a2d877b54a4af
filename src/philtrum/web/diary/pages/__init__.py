"""The pages of the diary, one module for each."""
