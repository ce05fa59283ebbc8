"""The SOAP service: parse gate, envelope, faults, validation, dispatch and one module per operation."""
