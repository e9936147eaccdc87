"""The supervisor's own figures of a round: all banks in one sheet, on the screen and as a workbook."""
