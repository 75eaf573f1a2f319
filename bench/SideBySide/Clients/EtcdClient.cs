using System.Text;
using Failover.Bench.SideBySide.Wire;
using Google.Protobuf;

namespace Failover.Bench.SideBySide.Clients;

/// <summary>Talks to one etcd server in its native protocol, which costs it less than its JSON gateway does.</summary>
internal sealed class EtcdClient(int port) : IStoreClient
{
    private readonly HttpClient _http = new() { BaseAddress = new Uri($"http://127.0.0.1:{port}") };

    public async Task<long?> Write(string key, string value, CancellationToken cancellation)
    {
        var put = new Put { Key = ByteString.CopyFromUtf8(key), Value = ByteString.CopyFromUtf8(value) };
        var reply = await Grpc.Call(_http, "/etcdserverpb.KV/Put", put, PutReply.Parser, cancellation)
            .ConfigureAwait(false);
        return (long?)reply?.Header.RaftTerm;
    }

    /// <summary>Every key there is, from a linearizable read.</summary>
    public async Task<IReadOnlySet<string>> Keys(CancellationToken cancellation)
    {
        // A zero byte for both ends stands for all keys.
        var all = ByteString.CopyFrom(0);
        var range = new Wire.Range
        {
            Key = all,
            RangeEnd = all,
            KeysOnly = true,
        };
        var reply = await Grpc.Call(_http, "/etcdserverpb.KV/Range", range, RangeReply.Parser, cancellation)
            .ConfigureAwait(false);
        return reply is null
            ? throw new HttpRequestException("the range was refused")
            : reply.Entries.Select(e => e.Key.ToString(Encoding.UTF8)).ToHashSet();
    }

    /// <summary>Who leads, as this server believes (0: nobody), and who it is itself.</summary>
    public async Task<(ulong Leader, ulong Self)> Status(CancellationToken cancellation)
    {
        var reply = await Grpc.Call(
                _http,
                "/etcdserverpb.Maintenance/Status",
                new AskStatus(),
                StatusReply.Parser,
                cancellation
            )
            .ConfigureAwait(false);
        return reply is null ? (0, 0) : (reply.Leader, reply.Header.MemberId);
    }

    public void Dispose() => _http.Dispose();
}
