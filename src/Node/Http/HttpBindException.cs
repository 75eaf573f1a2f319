namespace Failover.Node.Http;

/// <summary>The HTTP port cannot be opened; the message is one line for the operator.</summary>
public sealed class HttpBindException(string message, Exception? inner) : Exception(message, inner);
