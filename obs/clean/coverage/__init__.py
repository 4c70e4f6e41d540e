"""Tell which days the deliveries of each source cover, place by place."""
