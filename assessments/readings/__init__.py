"""Readings through the year (监测数据): the facts of the targets by month or quarter, between two rounds."""
