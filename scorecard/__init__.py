"""Scorecard (普惠金融监管评价系统): the yearly assessment of how banks serve small and micro enterprises."""
