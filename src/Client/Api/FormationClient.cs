using System.Globalization;
using System.Net.Http.Headers;
using System.Net.Sockets;

namespace Failover.Client.Api;

/// <summary>Sends a request to whichever node answers it.</summary>
/// <remarks>
/// Any node will do, since nodes route to the primary themselves. A node that refuses the connection, answers 503 or stays
/// silent is left for the next one, under the same session headers, until the overall timeout runs out: a caller
/// sees a failover as a delay. Safe to use from several threads when each passes its own <see cref="ClientSession"/>.
/// </remarks>
internal sealed class FormationClient : IDisposable
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan LongestPause = TimeSpan.FromMilliseconds(250);

    /// <summary>
    /// A session that wrote nothing for so long asks where the log is before it writes again: more clients than the cluster
    /// remembers may have written meanwhile, and a new request with an old mark would look like one that is forgotten.
    /// </summary>
    private static readonly TimeSpan MarkGoodFor = TimeSpan.FromSeconds(1);

    /// <summary>What a retry says that knows nothing: it may be of any age.</summary>
    private const string SinceEver = "0:0";

    /// <summary>Every answer says it; this one costs little.</summary>
    private static readonly ApiRequest WhereTheLogIs = ApiRequest.Get("/liveness");

    private readonly HttpClient _http;
    private readonly TimeProvider _time;
    private readonly ClientOptions _options;
    private volatile Uri[] _endpoints;
    private int _preferred;

    public FormationClient(IEnumerable<Uri> endpoints, ClientOptions? options = null, TimeProvider? time = null)
    {
        _endpoints = [.. endpoints.Distinct()];
        if (_endpoints.Length == 0)
            throw new ArgumentException("A client needs at least one endpoint.", nameof(endpoints));
        _options = options ?? new ClientOptions();
        _time = time ?? TimeProvider.System;
        _http = new HttpClient(
            new SocketsHttpHandler
            {
                ConnectTimeout = _options.ConnectTimeout,
                UseProxy = false,
                AllowAutoRedirect = false,
                // A node that was restarted must not be reached through a connection of its former life for long.
                PooledConnectionIdleTimeout = TimeSpan.FromSeconds(30),
            }
        )
        {
            Timeout = Timeout.InfiniteTimeSpan,
        };
    }

    public IReadOnlyList<Uri> Endpoints => _endpoints;

    /// <summary>Adds nodes learned from an answer, so that the formation stays reachable when the given ones are gone.</summary>
    public void Learn(IEnumerable<Uri> endpoints) => _endpoints = [.. _endpoints.Union(endpoints)];

    /// <summary>Makes later requests go to this node first.</summary>
    public void Prefer(Uri endpoint)
    {
        if (Array.IndexOf(_endpoints, endpoint) is >= 0 and var index)
            _preferred = index;
    }

    /// <summary>The first answer that is not 503, or the last 503 when nothing better came before the timeout.</summary>
    /// <exception cref="CommandException">No node answered.</exception>
    public async Task<ApiAnswer> SendAsync(ApiRequest request, ClientSession? session, CancellationToken cancel)
    {
        var stamp = session is null ? null : new Stamp(session.Id, session.NextRequest(), FreshMark(session));
        var deadline = new Deadline(_time, _options.Timeout);
        var failures = new Dictionary<Uri, string>();
        ApiAnswer? unavailable = null;
        var patience = _options.AttemptTimeout;

        for (var pause = FirstPause; ; pause = Min(pause * 2, LongestPause))
        {
            var endpoints = _endpoints;
            var first = _preferred % endpoints.Length;
            for (var i = 0; i < endpoints.Length && !deadline.HasPassed; i++)
            {
                var index = (first + i) % endpoints.Length;
                if (request.Repeatable && stamp is { Since: null })
                {
                    var asked = await TryAsync(endpoints[index], WhereTheLogIs, null, Limit(), cancel);
                    if (asked.Failure is { } silence)
                    {
                        failures[endpoints[index]] = silence;
                        continue;
                    }

                    stamp = stamp with { Since = asked.Answer?.Position };
                }

                var attempt = await TryAsync(endpoints[index], request, stamp, Limit(), cancel);
                // From here on it may have happened, and whoever is asked next must be able to tell.
                if (stamp is { Since: null } && (attempt.OutcomeUnknown || attempt.Answer is not null))
                    stamp = stamp with { Since = SinceEver };
                if (attempt.Answer is { Status: not 503 } answer)
                {
                    _preferred = index;
                    if (answer.Position is { } position)
                        session?.Heard(position, _time.GetTimestamp());
                    return answer;
                }

                unavailable = attempt.Answer ?? unavailable;
                if (attempt.Failure is { } failure)
                    failures[endpoints[index]] = failure;
                if (attempt.OutcomeUnknown && !request.Repeatable)
                    throw new CommandException(
                        $"{Describe(endpoints[index])} gave no answer ({attempt.Failure}): the operation may or may not have happened; see `failover status`"
                    );
            }

            if (deadline.Remaining <= pause)
                break;
            if (patience < _options.Timeout)
                patience *= 2;
            await Task.Delay(pause, _time, cancel);
        }

        return unavailable ?? throw new CommandException(NobodyAnswered(failures));

        TimeSpan Limit() =>
            request.Repeatable && _endpoints.Length > 1 ? Min(patience, deadline.Remaining) : deadline.Remaining;
    }

    private string? FreshMark(ClientSession session) =>
        session.Since is not null && _time.GetElapsedTime(session.HeardAt) < MarkGoodFor ? session.Since : null;

    /// <summary>Asks one particular node, once.</summary>
    /// <returns>Null when it did not answer in time.</returns>
    public async Task<ApiAnswer?> AskAsync(Uri endpoint, string path, TimeSpan limit, CancellationToken cancel) =>
        (await TryAsync(endpoint, ApiRequest.Get(path), null, limit, cancel)).Answer;

    /// <summary>Opens a response that does not end, such as the event stream.</summary>
    public Task<HttpResponseMessage> OpenAsync(Uri endpoint, string path, string accept, CancellationToken cancel)
    {
        var message = Message(HttpMethod.Get, endpoint, path);
        message.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue(accept));
        return _http.SendAsync(message, HttpCompletionOption.ResponseHeadersRead, cancel);
    }

    public void Dispose() => _http.Dispose();

    private async Task<Attempt> TryAsync(
        Uri endpoint,
        ApiRequest request,
        Stamp? stamp,
        TimeSpan limit,
        CancellationToken cancel
    )
    {
        using var message = Message(endpoint, request, stamp, limit);
        using var patience = new CancellationTokenSource(limit, _time);
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(cancel, patience.Token);
        try
        {
            using var response = await _http.SendAsync(
                message,
                HttpCompletionOption.ResponseContentRead,
                timeout.Token
            );
            var body = await response.Content.ReadAsByteArrayAsync(timeout.Token);
            return new Attempt(
                new ApiAnswer((int)response.StatusCode, endpoint, body, response.Content.Headers.ContentType?.MediaType)
                {
                    Position = response.Headers.TryGetValues("Failover-Position", out var at) ? at.First() : null,
                }
            );
        }
        catch (OperationCanceledException e)
            when (e.InnerException is TimeoutException && !timeout.IsCancellationRequested)
        {
            // The handler's own limit on connecting: nothing was sent yet.
            return new Attempt(null, "no connection in time");
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            return new Attempt(null, "no answer in time", OutcomeUnknown: true);
        }
        catch (HttpRequestException e)
        {
            var refused =
                e.HttpRequestError is HttpRequestError.ConnectionError or HttpRequestError.NameResolutionError;
            return new Attempt(null, Reason(e), OutcomeUnknown: !refused);
        }
        catch (IOException e)
        {
            return new Attempt(null, e.Message, OutcomeUnknown: true);
        }
    }

    private HttpRequestMessage Message(Uri endpoint, ApiRequest request, Stamp? stamp, TimeSpan limit)
    {
        var message = Message(request.Method, endpoint, request.Path);
        // The node gives up a little before we do, so that it can still say why.
        var patience = Math.Max(1, (long)(limit.TotalMilliseconds * 0.95) - 20);
        message.Headers.Add("Failover-Timeout-Ms", patience.ToString(CultureInfo.InvariantCulture));
        if (stamp is not null)
        {
            message.Headers.Add("Failover-Client", stamp.Client);
            message.Headers.Add("Failover-Request", stamp.Request);
            if (stamp.Since is not null)
                message.Headers.Add("Failover-Since", stamp.Since);
        }

        if (request.IfVersion is 0)
            message.Headers.IfNoneMatch.Add(EntityTagHeaderValue.Any);
        else if (request.IfVersion is { } version)
            message.Headers.IfMatch.Add(
                new EntityTagHeaderValue(string.Create(CultureInfo.InvariantCulture, $"\"{version}\""))
            );
        if (request.Body is { } body)
        {
            message.Content = new ReadOnlyMemoryContent(body);
            message.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        }

        return message;
    }

    private HttpRequestMessage Message(HttpMethod method, Uri endpoint, string path)
    {
        // The path is encoded already. Left alone, the library would take the key ".." for a way up, even when it is escaped.
        var target = new Uri(
            endpoint.GetLeftPart(UriPartial.Authority) + path,
            new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true }
        );
        var message = new HttpRequestMessage(method, target);
        if (_options.Token is { } token)
            message.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        return message;
    }

    private string NobodyAnswered(Dictionary<Uri, string> failures)
    {
        var seconds = _options.Timeout.TotalSeconds.ToString("0.###", CultureInfo.InvariantCulture);
        var each = failures.Select(failure => $"{Describe(failure.Key)} ({failure.Value})");
        return $"no node answered within {seconds} s: {string.Join(", ", each)}";
    }

    private static string Reason(HttpRequestException e) =>
        e.InnerException is SocketException socket
            ? socket.SocketErrorCode switch
            {
                SocketError.ConnectionRefused => "connection refused",
                SocketError.ConnectionReset => "connection reset",
                SocketError.HostNotFound => "unknown host",
                SocketError.TimedOut => "no answer in time",
                _ => socket.Message,
            }
            : e.InnerException?.Message ?? e.Message;

    private static string Describe(Uri endpoint) => endpoint.GetLeftPart(UriPartial.Authority);

    private static TimeSpan Min(TimeSpan left, TimeSpan right) => left < right ? left : right;

    /// <summary>The mark of one request, the same on every attempt but for what is not known at first.</summary>
    private sealed record Stamp(string Client, string Request, string? Since);

    private sealed record Attempt(ApiAnswer? Answer, string? Failure = null, bool OutcomeUnknown = false);

    private sealed class Deadline(TimeProvider time, TimeSpan after)
    {
        private readonly long _start = time.GetTimestamp();

        public TimeSpan Remaining => after - time.GetElapsedTime(_start) is { Ticks: > 0 } left ? left : TimeSpan.Zero;

        public bool HasPassed => Remaining == TimeSpan.Zero;
    }
}

internal sealed record ClientOptions
{
    /// <summary>How long a request may take in all, retries included. Default 10 s.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// How long one node may stay silent before the next is tried; doubles with each round. Default 1 s: longer than a
    /// failover takes, so that only a frozen or cut-off node is left behind.
    /// </summary>
    public TimeSpan AttemptTimeout { get; init; } = TimeSpan.FromSeconds(1);

    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>What nodes with <c>failover.http.auth-token</c> want to see; null for those without.</summary>
    public string? Token { get; init; }
}
