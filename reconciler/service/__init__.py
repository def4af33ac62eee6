"""Flow Service over HTTP, from the environment to a decoded object.

Read it in this order: ``environment`` turns variables into checked settings (``hosts`` says which hosts may see a
token, ``proxies`` what stands between); ``transport`` makes one HTTP exchange and knows whether anything can have been
sent; ``auth`` brings the token; ``retry`` repeats what may be repeated; ``caller`` joins the three; ``refusals`` turns
every error shape into one readable error; ``wire`` encodes bodies and decodes answers; ``paging`` reads a list whole;
``client`` gives all this the shape that the engine asks for.
"""
