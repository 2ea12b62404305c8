# Why something was refused: titles and details of problems.
