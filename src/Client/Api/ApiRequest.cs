namespace Failover.Client.Api;

/// <summary>One request of the HTTP interface, independent of the node that will answer it.</summary>
internal sealed record ApiRequest(HttpMethod Method, string Path)
{
    /// <summary>A JSON document, encoded.</summary>
    public ReadOnlyMemory<byte>? Body { get; init; }

    /// <summary>Compare and set: the version the key must have.</summary>
    public long? IfVersion { get; init; }

    /// <summary>
    /// Whether the request may be sent again after an attempt whose outcome is unknown. True for reads and for writes under a
    /// session; false for operations, which would happen twice (a second switchover would switch back).
    /// </summary>
    public bool Repeatable { get; init; } = true;

    public static ApiRequest Get(string path) => new(HttpMethod.Get, path);

    public static ApiRequest Operation(HttpMethod method, string path) => new(method, path) { Repeatable = false };
}

/// <summary>An answer, read to its end.</summary>
internal sealed record ApiAnswer(int Status, Uri Endpoint, ReadOnlyMemory<byte> Body, string? ContentType)
{
    /// <summary>How far the log had come, for all the node knew; null if it did not say.</summary>
    public string? Position { get; init; }

    public bool IsSuccess => Status is >= 200 and < 300;
}
