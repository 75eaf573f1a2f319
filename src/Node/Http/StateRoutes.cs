using System.Buffers;
using System.Collections.Immutable;
using System.Diagnostics;
using System.Text.Json;
using Failover.Core.Store;
using Failover.Node.Routing;

namespace Failover.Node.Http;

/// <summary>The whole map: <c>/state</c>.</summary>
internal sealed class StateRoutes(HttpOptions options, INodeService service)
{
    private const int FlushEvery = 32 * 1024;

    /// <summary>The map, keys in ordinal order: two replicas that hold the same answer with the same bytes.</summary>
    public async Task Get(Exchange context)
    {
        var replica = context.Request.Query("replica") is { Length: > 0 } asked ? asked : "primary";
        var timeout = RequestHeaders.Timeout(context.Request, options.RequestTimeout);
        if (replica != "primary")
            context.Response.Headers[Answer.StaleHeader] = "true";
        var answer = await service.ReadAll(replica, timeout, context.RequestAborted);
        if (answer.Refusal is { } refusal)
        {
            await Problem.Of(refusal).Write(context);
            return;
        }

        var entries = answer.Value!.ToArray();
        Array.Sort(entries, static (a, b) => string.CompareOrdinal(a.Key, b.Key));
        context.Response.ContentType = Answer.JsonType;
        context.Response.Headers.CacheControl = "no-store";
        await using var writer = Answer.Streaming(context.Response);
        writer.WriteStartObject();
        foreach (var (key, value) in entries)
        {
            writer.WritePropertyName(key);
            writer.WriteRawValue(value.Json, skipInputValidation: true);
            // Wait for the reader now and then, instead of keeping the whole text of a large map in memory.
            if (writer.BytesPending < FlushEvery)
                continue;
            writer.Flush();
            await context.Response.BodyWriter.FlushAsync(context.RequestAborted);
        }
        writer.WriteEndObject();
    }

    public async Task Patch(Exchange context)
    {
        var request = context.Request;
        RequestBody.MustBeJson(request);
        var stamp = RequestHeaders.Stamp(request);
        var timeout = RequestHeaders.Timeout(request, options.RequestTimeout);
        var update = await RequestBody.Read(context, options.Limits.Body, options.Limits, ParseUpdate);

        var answer = await service.Write(update, stamp, timeout, context.RequestAborted);
        if (answer.Refusal is { } refusal)
        {
            await Problem.Of(refusal).Write(context);
            return;
        }
        var (result, epoch) = answer.Value!;
        switch (result)
        {
            case CommandResult.Updated updated:
                var document = new UpdateDone(updated.Version, epoch.Value, updated.Count);
                await Answer.Json(context.Response, document, Documents.Default.UpdateDone);
                return;
            case CommandResult.SessionExpired:
                await new Problem(
                    409,
                    "session-expired",
                    "this client has sent later requests already; the answer to this one is no longer kept"
                ).Write(context);
                return;
            default:
                throw new UnreachableException($"Unexpected result: {result}");
        }
    }

    private static Command.Update ParseUpdate(ReadOnlySequence<byte> json, HttpLimits limits)
    {
        var reader = new Utf8JsonReader(json);
        if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
            throw Bad("invalid-json", "the body must be an object: {\"key\": value, …}");
        var entries = ImmutableArray.CreateBuilder<KeyValuePair<string, string>>();
        var seen = new HashSet<string>(StringComparer.Ordinal);
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var key = RequestBody.Name(ref reader);
            KeyPath.Check(key, limits.Key);
            if (!seen.Add(key))
                throw Bad("duplicate-key", $"the key {key} occurs twice; nothing was changed");
            if (entries.Count == limits.UpdateEntries)
                throw new ProblemException(TooMany(limits.UpdateEntries));
            reader.Read();
            entries.Add(new(key, RequestBody.CompactValue(ref reader, json, limits.Value, key)));
        }
        reader.Read();
        return entries.Count > 0
            ? new Command.Update(entries.DrainToImmutable())
            : throw Bad("empty-update", "the update has no entries");
    }

    private static Problem TooMany(int limit) =>
        Problem.TooLarge(
            "update-entries",
            limit,
            $"the update has more than {limit} entries (failover.limits.update-entries)"
        );

    private static ProblemException Bad(string reason, string detail) => new(Problem.BadRequest(reason, detail));
}
