package suspects

// Later is for tests.
var Later = later
