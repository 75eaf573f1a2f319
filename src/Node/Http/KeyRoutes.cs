using System.Buffers;
using System.Diagnostics;
using System.Text.Json;
using Failover.Core.Store;
using Failover.Node.Metrics;
using Failover.Node.Routing;

namespace Failover.Node.Http;

/// <summary>One key: <c>/kv-store/v1/kv/{key}</c>. The hot path: it is reached before routing and answers by itself.</summary>
internal sealed class KeyRoutes(HttpOptions options, INodeService service, RequestMetrics metrics, FrontErrors errors)
{
    /// <summary>Past this a value goes straight into the response instead of into the thread's buffer first.</summary>
    private const int LargeValue = 16 * 1024;

    public async Task Handle(Exchange context, ReadOnlyMemory<char> encodedKey)
    {
        var startedAt = Stopwatch.GetTimestamp();
        var method = context.Request.Method;
        try
        {
            if (HttpMethods.IsPut(method))
                await Put(context, encodedKey);
            else if (HttpMethods.IsGet(method) || HttpMethods.IsHead(method))
                await Get(context, encodedKey);
            else if (HttpMethods.IsDelete(method))
                await Delete(context, encodedKey);
            else
                throw new ProblemException(
                    new Problem(405, "method", $"{method} does nothing to a key") { Allow = "GET, HEAD, PUT, DELETE" }
                );
        }
        catch (Exception e)
        {
            await errors.Answer(context, e);
        }
        metrics.Answered(Operation(method), context.Response.StatusCode, startedAt);
    }

    private async Task Put(Exchange context, ReadOnlyMemory<char> encodedKey)
    {
        var request = context.Request;
        var key = KeyPath.Decode(encodedKey.Span, options.Limits.Key);
        RequestBody.MustBeJson(request);
        var stamp = RequestHeaders.Stamp(request);
        var expected = RequestHeaders.ExpectedVersion(request);
        var timeout = RequestHeaders.Timeout(request, options.RequestTimeout);
        var value = await RequestBody.Read(
            context,
            options.Limits.Body,
            (key, options.Limits.Value),
            static (json, s) => ParsePut(json, s.key, s.Value)
        );

        var answer = await service.Write(new Command.Put(key, value, expected), stamp, timeout, context.RequestAborted);
        if (answer.Refusal is { } refusal)
        {
            await Problem.Of(refusal).Write(context);
            return;
        }
        var done = answer.Value!;
        if (done.Result is not CommandResult.Stored stored)
        {
            await OtherResult(key, done.Result).Write(context);
            return;
        }
        context.Response.StatusCode = stored.Created ? 201 : 200;
        context.Response.Headers.ETag = $"\"{stored.Version}\"";
        await Answer.Json(
            context.Response,
            (key, stored.Version, done.Epoch),
            static (json, s) =>
            {
                json.WriteStartObject();
                json.WriteString("key"u8, s.key);
                json.WriteNumber("version"u8, s.Version);
                json.WriteNumber("epoch"u8, s.Epoch.Value);
                json.WriteEndObject();
            }
        );
    }

    private async Task Get(Exchange context, ReadOnlyMemory<char> encodedKey)
    {
        var key = KeyPath.Decode(encodedKey.Span, options.Limits.Key);
        var stale = Stale(context.Request);
        var timeout = RequestHeaders.Timeout(context.Request, options.RequestTimeout);

        if (stale)
            context.Response.Headers[Answer.StaleHeader] = "true";
        var answer = await service.Read(key, stale, timeout, context.RequestAborted);
        if (answer.Refusal is { } refusal)
        {
            await Problem.Of(refusal).Write(context);
            return;
        }
        if (answer.Value is not { } stored)
        {
            await Missing(key).Write(context);
            return;
        }

        var response = context.Response;
        response.Headers.ETag = $"\"{stored.Version}\"";
        response.Headers.CacheControl = "no-cache";
        if (RequestHeaders.ParseVersion(context.Request.Headers.IfNoneMatch) == stored.Version)
        {
            response.StatusCode = 304;
            return;
        }
        if (stored.Json.Length <= LargeValue)
        {
            await Answer.Json(response, (key, stored), static (json, s) => WriteValue(json, s.key, s.stored));
            return;
        }
        response.ContentType = Answer.JsonType;
        await using var writer = Answer.Streaming(response);
        WriteValue(writer, key, stored);
    }

    private async Task Delete(Exchange context, ReadOnlyMemory<char> encodedKey)
    {
        var request = context.Request;
        var key = KeyPath.Decode(encodedKey.Span, options.Limits.Key);
        var stamp = RequestHeaders.Stamp(request);
        var expected = RequestHeaders.ExpectedVersion(request);
        if (expected == 0)
            throw new ProblemException(
                Problem.BadRequest("bad-precondition", "deleting only what is absent does nothing; send a version")
            );
        var timeout = RequestHeaders.Timeout(request, options.RequestTimeout);

        var answer = await service.Write(new Command.Delete(key, expected), stamp, timeout, context.RequestAborted);
        if (answer.Refusal is { } refusal)
            await Problem.Of(refusal).Write(context);
        else if (answer.Value!.Result is CommandResult.Deleted)
            context.Response.StatusCode = 204;
        else
            await OtherResult(key, answer.Value.Result).Write(context);
    }

    /// <summary>The one member <c>value</c> of the body, compact.</summary>
    private static string ParsePut(ReadOnlySequence<byte> json, string key, int limit)
    {
        var reader = new Utf8JsonReader(json);
        string? value = null;
        if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
            throw Shape("the body must be an object: {\"value\": …}");
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (!reader.ValueTextEquals("value"u8))
                throw Shape($"the body has a member '{RequestBody.Name(ref reader)}'; only 'value' is understood");
            if (value is not null)
                throw Shape("the body has the member 'value' twice");
            reader.Read();
            value = RequestBody.CompactValue(ref reader, json, limit, key);
        }
        // Nothing but whitespace may follow; the reader throws at anything else.
        reader.Read();
        return value ?? throw Shape("the body has no member 'value': send {\"value\": …}");
    }

    private static void WriteValue(Utf8JsonWriter json, string key, StoredValue stored)
    {
        json.WriteStartObject();
        json.WriteString("key"u8, key);
        json.WritePropertyName("value"u8);
        json.WriteRawValue(stored.Json, skipInputValidation: true);
        json.WriteNumber("version"u8, stored.Version);
        json.WriteEndObject();
    }

    private static bool Stale(ExchangeRequest request)
    {
        if (request.QueryString.Length == 0)
            return false;
        return request.Query("consistency") switch
        {
            null or "" or "linearizable" => false,
            "stale" => true,
            var other => throw new ProblemException(
                Problem.BadRequest("bad-query", $"consistency is '{other}'; it can be linearizable or stale")
            ),
        };
    }

    private static Problem OtherResult(string key, CommandResult result) =>
        result switch
        {
            CommandResult.NotFound => Missing(key),
            CommandResult.VersionMismatch { Actual: 0 } => new(412, "version-mismatch", $"{key} does not exist")
            {
                Version = 0,
            },
            CommandResult.VersionMismatch mismatch => new(
                412,
                "version-mismatch",
                $"the version of {key} is {mismatch.Actual}"
            )
            {
                Version = mismatch.Actual,
            },
            CommandResult.SessionExpired => new(
                409,
                "session-expired",
                "what became of this request is no longer kept: it was not carried out now, and may have been before"
            ),
            _ => throw new UnreachableException($"Unexpected result: {result}"),
        };

    private static Problem Missing(string key) => Problem.NotFound($"there is no key {key}");

    private static ProblemException Shape(string detail) => new(Problem.BadRequest("invalid-json", detail));

    private static string Operation(string method) =>
        HttpMethods.IsPut(method) ? "put"
        : HttpMethods.IsDelete(method) ? "delete"
        : "get";
}
