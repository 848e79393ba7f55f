import os
answer(os.getcwd())
