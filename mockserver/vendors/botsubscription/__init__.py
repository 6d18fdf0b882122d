"""BotSubscription: the Discord roles and Telegram channels of a project, and the plans that give access to them."""
