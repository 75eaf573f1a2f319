using System.IO.Pipelines;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.WebUtilities;

namespace Failover.Node.Http;

/// <summary>One request and its answer, as the server's features show them.</summary>
/// <remarks>
/// What an HttpContext has beyond that (certificates, web sockets, users, sessions) nobody here asks for, and the libraries
/// of it would be loaded in every node.
/// </remarks>
internal sealed class Exchange
{
    private IHttpRequestLifetimeFeature _lifetime = null!;

    public Exchange()
    {
        Request = new ExchangeRequest();
        Response = new ExchangeResponse(this);
    }

    public IFeatureCollection Features { get; private set; } = null!;

    public ExchangeRequest Request { get; }

    public ExchangeResponse Response { get; }

    /// <summary>The client has gone, or the connection was cut.</summary>
    public CancellationToken RequestAborted => _lifetime.RequestAborted;

    /// <summary>Cuts the connection.</summary>
    public void Abort() => _lifetime.Abort();

    public void Begin(IFeatureCollection features)
    {
        Features = features;
        _lifetime = features.GetRequiredFeature<IHttpRequestLifetimeFeature>();
        Request.Begin(features);
        Response.Begin(features);
    }
}

/// <summary>What a client asks.</summary>
internal sealed class ExchangeRequest
{
    private IFeatureCollection _features = null!;
    private IHttpRequestFeature _request = null!;

    public string Method => _request.Method;

    /// <summary>The target as it came over the wire.</summary>
    public string RawTarget => _request.RawTarget;

    /// <summary>Decoded, but for %2F, and without dot segments.</summary>
    public string Path => _request.Path;

    public string QueryString => _request.QueryString;

    public IHeaderDictionary Headers => _request.Headers;

    public string Host => Headers.Host.ToString();

    public string ContentType => Headers.ContentType.ToString();

    public long? ContentLength => Headers.ContentLength;

    public PipeReader BodyReader => _features.GetRequiredFeature<IRequestBodyPipeFeature>().Reader;

    /// <returns>Null when the query does not have it; if it has it several times, all of them, with commas in between.</returns>
    public string? Query(string name)
    {
        string? found = null;
        foreach (var pair in new QueryStringEnumerable(QueryString))
        {
            if (!pair.DecodeName().Span.Equals(name, StringComparison.OrdinalIgnoreCase))
                continue;
            var value = pair.DecodeValue().ToString();
            found = found is null ? value : $"{found},{value}";
        }
        return found;
    }

    public void Begin(IFeatureCollection features)
    {
        _features = features;
        _request = features.GetRequiredFeature<IHttpRequestFeature>();
    }
}

/// <summary>What the node answers.</summary>
internal sealed class ExchangeResponse(Exchange exchange)
{
    private IHttpResponseFeature _response = null!;
    private IHttpResponseBodyFeature _body = null!;

    public Exchange Exchange => exchange;

    public int StatusCode
    {
        get => _response.StatusCode;
        set => _response.StatusCode = value;
    }

    public IHeaderDictionary Headers => _response.Headers;

    public string? ContentType
    {
        get => Headers.ContentType;
        set => Headers.ContentType = value;
    }

    public long? ContentLength
    {
        get => Headers.ContentLength;
        set => Headers.ContentLength = value;
    }

    /// <summary>Its first bytes are on their way: status and headers can no longer change.</summary>
    public bool HasStarted => _response.HasStarted;

    public PipeWriter BodyWriter => _body.Writer;

    public void Begin(IFeatureCollection features)
    {
        _response = features.GetRequiredFeature<IHttpResponseFeature>();
        _body = features.GetRequiredFeature<IHttpResponseBodyFeature>();
    }
}
