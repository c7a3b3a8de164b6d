"""Cases that Schemathesis draws from the API's description, sent to the real app as each role."""
