using Failover.Node.Routing;
using Microsoft.AspNetCore.Http.Features;

namespace Failover.Node.Http;

/// <summary>Turns whatever ended a request early into its problem document.</summary>
internal sealed partial class FrontErrors(ILogger log)
{
    /// <summary>What proxies write down for "the client went away"; nobody reads it as an answer.</summary>
    private const int ClientClosedRequest = 499;

    public async Task Answer(Exchange context, Exception error)
    {
        if (context.RequestAborted.IsCancellationRequested)
        {
            context.Response.StatusCode = ClientClosedRequest;
            return;
        }
        var problem = ProblemOf(context, error);
        if (context.Response.HasStarted)
        {
            // Half an answer is out: cutting the connection is the only honest end.
            context.Abort();
            return;
        }
        // Whatever described the answer that is not given after all.
        context.Response.Headers.ETag = default;
        context.Response.Headers.CacheControl = default;
        context.Response.ContentType = null;
        context.Response.ContentLength = null;
        await problem.Write(context);
    }

    private Problem ProblemOf(Exchange context, Exception error)
    {
        switch (error)
        {
            case ProblemException refused:
                return refused.Problem;
            // The server counts along and may be first to notice.
            case BadHttpRequestException { StatusCode: 413 }:
                var limit = context.Features.Get<IHttpMaxRequestBodySizeFeature>()?.MaxRequestBodySize ?? 0;
                return RequestBody.TooLarge(limit);
            case BadHttpRequestException bad:
                return new Problem(bad.StatusCode, "bad-request", bad.Message);
            case OperationCanceledException:
                return Problem.Of(new Refusal(RefusalReason.NoPrimary, "no answer came within the time given"));
            default:
                var reference = Guid.NewGuid().ToString("N")[..8];
                LogUnhandled(log, reference, context.Request.Method, context.Request.Path, error);
                return new Problem(500, "internal", $"something went wrong here; the node's log has it as {reference}")
                {
                    Members = [("reference", $"\"{reference}\"")],
                };
        }
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "Request failed [{Reference}] {Method} {Path}")]
    private static partial void LogUnhandled(
        ILogger log,
        string reference,
        string method,
        string path,
        Exception error
    );
}
