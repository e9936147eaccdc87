"""Pictures of many banks for those who supervise them: what each answers, and who reads it, is in docs/seeing.md."""
