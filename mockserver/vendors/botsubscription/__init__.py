"""BotSubscription: the Discord roles and Telegram channels of a project, who buys access to them, and who is told."""
