"""What a plan would send, held against the schemas that the service's own specs carry."""
