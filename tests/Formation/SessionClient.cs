using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json;

namespace Failover.Formation;

/// <summary>How a request of a <see cref="SessionClient"/> ended.</summary>
public abstract record SessionAnswer
{
    private SessionAnswer() { }

    public sealed record Stored(long Version, long Epoch) : SessionAnswer;

    /// <summary>The condition did not hold.</summary>
    public sealed record Mismatch : SessionAnswer;

    /// <param name="Value">Null: there is no such key.</param>
    public sealed record Found(string? Value, long Version) : SessionAnswer;

    /// <summary>No answer within the patience: it may have happened, may happen yet, or never.</summary>
    public sealed record Unknown(string Why) : SessionAnswer;
}

/// <summary>
/// A client with a session: each write has a number, and is sent again under the same number, each time to another
/// node, until it is answered. One request at a time.
/// </summary>
public sealed class SessionClient(string name, IReadOnlyList<string> endpoints) : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan AttemptPatience = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(5);

    private readonly HttpClient _http = new() { Timeout = Timeout.InfiniteTimeSpan };
    private int _endpoint;
    private long _request;

    public string Name => name;

    /// <summary>How often a request was sent again because its answer was lost or was no answer.</summary>
    public int Retries { get; private set; }

    /// <param name="key">The key.</param>
    /// <param name="value">Its new value.</param>
    /// <param name="ifVersion">Only if the key has this version, 0: only if it is absent; null: always.</param>
    public Task<SessionAnswer> Put(string key, string value, long? ifVersion, CancellationToken cancellation)
    {
        var number = (++_request).ToString(CultureInfo.InvariantCulture);
        return Until(
            endpoint =>
            {
                var request = new HttpRequestMessage(HttpMethod.Put, $"{endpoint}/kv-store/v1/kv/{key}")
                {
                    Content = JsonContent.Create(new { value }),
                };
                request.Headers.Add("Failover-Client", name);
                request.Headers.Add("Failover-Request", number);
                if (ifVersion is 0)
                    request.Headers.Add("If-None-Match", "*");
                else if (ifVersion is { } version)
                    request.Headers.Add("If-Match", $"\"{version.ToString(CultureInfo.InvariantCulture)}\"");
                return request;
            },
            cancellation
        );
    }

    /// <summary>A linearizable read.</summary>
    public Task<SessionAnswer> Get(string key, CancellationToken cancellation) =>
        Until(endpoint => new HttpRequestMessage(HttpMethod.Get, $"{endpoint}/kv-store/v1/kv/{key}"), cancellation);

    public void Dispose() => _http.Dispose();

    private async Task<SessionAnswer> Until(Func<string, HttpRequestMessage> make, CancellationToken cancellation)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        limit.CancelAfter(Patience);
        var why = "it was not sent";
        while (!limit.IsCancellationRequested)
        {
            try
            {
                using var attempt = CancellationTokenSource.CreateLinkedTokenSource(limit.Token);
                attempt.CancelAfter(AttemptPatience);
                using var request = make(endpoints[_endpoint % endpoints.Count]);
                using var response = await _http.SendAsync(request, attempt.Token).ConfigureAwait(false);
                var body = await response.Content.ReadAsStringAsync(attempt.Token).ConfigureAwait(false);
                if (Read(request.Method, response.StatusCode, body) is { } answer)
                    return answer;
                why = $"{(int)response.StatusCode} {body}";
                if (response.StatusCode != HttpStatusCode.ServiceUnavailable)
                    throw new InvalidOperationException($"{name}: {request.Method} was answered {why}");
            }
            catch (Exception lost)
                when (lost is HttpRequestException or OperationCanceledException or IOException or JsonException)
            {
                why = lost.Message;
            }

            // Whoever did not answer may be dead: the next node is asked. It may get the request a second time.
            Retries++;
            _endpoint++;
            await Task.Delay(Pause, CancellationToken.None).ConfigureAwait(false);
        }

        return new SessionAnswer.Unknown(why);
    }

    private static SessionAnswer? Read(HttpMethod method, HttpStatusCode status, string body)
    {
        switch (status)
        {
            case HttpStatusCode.OK or HttpStatusCode.Created when method == HttpMethod.Put:
                using (var stored = JsonDocument.Parse(body))
                    return new SessionAnswer.Stored(
                        stored.RootElement.GetProperty("version").GetInt64(),
                        stored.RootElement.GetProperty("epoch").GetInt64()
                    );
            case HttpStatusCode.OK:
                using (var found = JsonDocument.Parse(body))
                    return new SessionAnswer.Found(
                        found.RootElement.GetProperty("value").GetString(),
                        found.RootElement.GetProperty("version").GetInt64()
                    );
            case HttpStatusCode.NotFound when method == HttpMethod.Get:
                return new SessionAnswer.Found(null, 0);
            case HttpStatusCode.PreconditionFailed:
                return new SessionAnswer.Mismatch();
            default:
                return null;
        }
    }
}
