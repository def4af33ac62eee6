"""Flow Service over HTTP, from the environment to a decoded object.

Read it in this order: ``environment`` turns variables into checked settings (``hosts`` says which hosts may see a
token, ``proxies`` what stands between, ``certificates`` whom TLS believes); ``transport`` makes one HTTP exchange over
``connections`` and knows whether anything can have been sent (``losses`` says so in words); before each, a ``gate``
asks whether it is our turn (``pace``) and whether the host is up (``breaker``); ``auth`` brings the token; ``retry``
repeats what may be repeated; ``caller`` joins them; ``refusals`` turns every error shape into one readable error;
``wire`` encodes bodies and decodes answers; ``paging`` reads a list whole; ``client`` gives all this the shape that the
engine asks for. Beside them, ``masking`` shows what crossed the wire, and ``probe`` takes one careful look.
"""
