using System.Buffers;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Failover.Client.Api;

/// <summary>The HTTP interface as methods: documents in and out, refusals as <see cref="CommandException"/>.</summary>
internal sealed class FormationApi(FormationClient client, ClientSession session)
{
    private const string KeyPrefix = "/kv-store/v1/kv/";

    private static DocumentsContext Json => DocumentsContext.Default;

    public FormationClient Client => client;

    public Task<ApiAnswer> ClusterAnswerAsync(CancellationToken cancel) => ReadAsync("/cluster", cancel);

    public async Task<ClusterDocument> ClusterAsync(CancellationToken cancel) =>
        Parse(await ClusterAnswerAsync(cancel), Json.ClusterDocument);

    public Task<ApiAnswer> HistoryAnswerAsync(CancellationToken cancel) => ReadAsync("/history", cancel);

    public Task<ApiAnswer> StateAnswerAsync(string replica, CancellationToken cancel) =>
        ReadAsync($"/state?replica={Uri.EscapeDataString(replica)}", cancel);

    public async Task<UpdatedDocument> UpdateAsync(
        IReadOnlyList<KeyValuePair<string, string>> entries,
        CancellationToken cancel
    )
    {
        var request = new ApiRequest(HttpMethod.Patch, "/state") { Body = StringMap(entries) };
        return Parse(Accepted(await client.SendAsync(request, session, cancel)), Json.UpdatedDocument);
    }

    /// <param name="value">A JSON document.</param>
    public async Task<WrittenDocument> PutAsync(
        string key,
        ReadOnlyMemory<byte> value,
        long? ifVersion,
        CancellationToken cancel
    ) =>
        Parse(
            Accepted(await client.SendAsync(PutRequest(key, value, ifVersion), session, cancel)),
            Json.WrittenDocument
        );

    /// <summary>Null when there is no such key.</summary>
    public async Task<ApiAnswer?> EntryAnswerAsync(string key, bool stale, CancellationToken cancel)
    {
        var answer = await client.SendAsync(
            ApiRequest.Get(KeyPath(key) + (stale ? "?consistency=stale" : "")),
            null,
            cancel
        );
        return IsMissing(answer) ? null : Accepted(answer);
    }

    /// <returns>False when there was no such key.</returns>
    public async Task<bool> DeleteAsync(string key, CancellationToken cancel)
    {
        var answer = await client.SendAsync(new ApiRequest(HttpMethod.Delete, KeyPath(key)), session, cancel);
        if (IsMissing(answer))
            return false;
        Accepted(answer);
        return true;
    }

    public Task<OperationDocument> SwitchoverAsync(string? to, CancellationToken cancel) =>
        OperateAsync(HttpMethod.Post, "/switchover", to is null ? "{}"u8.ToArray() : Object("to", to), cancel);

    public Task<OperationDocument> FailoverAsync(bool acceptDataLoss, CancellationToken cancel) =>
        OperateAsync(
            HttpMethod.Post,
            "/failover",
            acceptDataLoss ? """{"acceptDataLoss":true}"""u8.ToArray() : "{}"u8.ToArray(),
            cancel
        );

    public Task<OperationDocument> RebalanceAsync(CancellationToken cancel) =>
        OperateAsync(HttpMethod.Post, "/rebalance", null, cancel);

    public Task<OperationDocument> MaintenanceAsync(string node, bool enable, CancellationToken cancel) =>
        OperateAsync(
            enable ? HttpMethod.Post : HttpMethod.Delete,
            $"/maintenance/{Uri.EscapeDataString(node)}",
            null,
            cancel
        );

    public Task<ApiAnswer> VotersAnswerAsync(CancellationToken cancel) => ReadAsync("/voters", cancel);

    public Task<OperationDocument> SetVoterAsync(string node, bool votes, CancellationToken cancel) =>
        OperateAsync(votes ? HttpMethod.Put : HttpMethod.Delete, $"/voters/{Uri.EscapeDataString(node)}", null, cancel);

    public Task<OperationDocument> PauseAsync(bool pause, CancellationToken cancel) =>
        OperateAsync(HttpMethod.Post, pause ? "/pause" : "/resume", null, cancel);

    public static ApiRequest PutRequest(string key, ReadOnlyMemory<byte> value, long? ifVersion = null)
    {
        var body = new ArrayBufferWriter<byte>(value.Length + 16);
        body.Write("{\"value\":"u8);
        body.Write(value.Span);
        body.Write("}"u8);
        return new ApiRequest(HttpMethod.Put, KeyPath(key)) { Body = body.WrittenMemory, IfVersion = ifVersion };
    }

    public static string KeyPath(string key) =>
        key switch
        {
            "" => throw new CommandException("a key must not be empty", ExitCode.BadUsage),
            // Kept apart from the path segments of the same look.
            "." => KeyPrefix + "%2E",
            ".." => KeyPrefix + "%2E%2E",
            _ => KeyPrefix + Uri.EscapeDataString(key),
        };

    public static T Parse<T>(ApiAnswer answer, JsonTypeInfo<T> type)
        where T : class
    {
        try
        {
            if (JsonSerializer.Deserialize(answer.Body.Span, type) is { } document)
                return document;
        }
        catch (JsonException e)
        {
            throw new CommandException(
                $"{answer.Endpoint} sent a document this client does not understand: {e.Message}"
            );
        }

        throw new CommandException($"{answer.Endpoint} sent an empty document");
    }

    /// <summary>The answer itself if it is a success.</summary>
    public static ApiAnswer Accepted(ApiAnswer answer) =>
        answer.IsSuccess ? answer : throw new CommandException(Refusal(answer));

    private async Task<ApiAnswer> ReadAsync(string path, CancellationToken cancel) =>
        Accepted(await client.SendAsync(ApiRequest.Get(path), null, cancel));

    private async Task<OperationDocument> OperateAsync(
        HttpMethod method,
        string path,
        byte[]? body,
        CancellationToken cancel
    )
    {
        var request = ApiRequest.Operation(method, path);
        if (body is not null)
            request = request with { Body = body };
        return Parse(Accepted(await client.SendAsync(request, session, cancel)), Json.OperationDocument);
    }

    private static string Refusal(ApiAnswer answer)
    {
        var problem = TryProblem(answer);
        var text = problem?.Detail ?? problem?.Title;
        if (string.IsNullOrWhiteSpace(text))
            text = string.Create(CultureInfo.InvariantCulture, $"{answer.Endpoint} answered HTTP {answer.Status}");
        return text.ReplaceLineEndings(" ");
    }

    // A 404 that is not the interface's own (a proxy in between, a wrong address) must not read as "no such key".
    private static bool IsMissing(ApiAnswer answer) =>
        answer.Status == 404 && (answer.Body.IsEmpty || TryProblem(answer)?.Reason == "not-found");

    private static ProblemDocument? TryProblem(ApiAnswer answer)
    {
        if (answer.ContentType is not ("application/problem+json" or "application/json"))
            return null;
        try
        {
            return JsonSerializer.Deserialize(answer.Body.Span, Json.ProblemDocument);
        }
        catch (JsonException)
        {
            // A broken problem document says no more than its status does.
            return null;
        }
    }

    private static byte[] Object(string name, string value) => StringMap([new(name, value)]).ToArray();

    private static ReadOnlyMemory<byte> StringMap(IEnumerable<KeyValuePair<string, string>> entries)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            foreach (var (key, value) in entries)
                json.WriteString(key, value);
            json.WriteEndObject();
        }

        return buffer.WrittenMemory;
    }
}
