using System.Buffers;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Failover.Core;
using Failover.Node.Routing;

namespace Failover.Node.Http;

/// <summary>Operators' commands.</summary>
internal sealed class OperationRoutes(HttpOptions options, INodeService service)
{
    public void Map(RouteTable routes)
    {
        routes.Add("POST", "/switchover", Switchover);
        routes.Add("POST", "/failover", ForceFailover);
        routes.Add("POST", "/rebalance", context => Operate(context, new Operation.Rebalance()));
        routes.Add("POST", "/maintenance/", (context, node) => SetMaintenance(context, node, enabled: true));
        routes.Add("DELETE", "/maintenance/", (context, node) => SetMaintenance(context, node, enabled: false));
        routes.Add("PUT", "/voters/", (context, node) => SetVoter(context, node, votes: true));
        routes.Add("DELETE", "/voters/", (context, node) => SetVoter(context, node, votes: false));
        routes.Add("POST", "/pause", context => Operate(context, new Operation.SetPaused(true)));
        routes.Add("POST", "/resume", context => Operate(context, new Operation.SetPaused(false)));
    }

    private async Task Switchover(Exchange context)
    {
        var request = await Body(context, Documents.Default.SwitchoverRequest) ?? new SwitchoverRequest();
        NodeId? to = request.To is { } name ? Node(name) : null;
        await Operate(context, new Operation.Switchover(Partition(request.Partition), to));
    }

    private async Task ForceFailover(Exchange context)
    {
        var request = await Body(context, Documents.Default.FailoverRequest) ?? new FailoverRequest();
        await Operate(context, new Operation.ForceFailover(Partition(request.Partition), request.AcceptDataLoss));
    }

    private Task SetMaintenance(Exchange context, string node, bool enabled) =>
        Operate(context, new Operation.SetMaintenance(Node(node), enabled));

    private Task SetVoter(Exchange context, string node, bool votes) =>
        Operate(context, new Operation.SetVoter(Node(node), votes));

    private async Task Operate(Exchange context, Operation operation)
    {
        var timeout = RequestHeaders.Timeout(context.Request, options.RequestTimeout);
        var answer = await service.Operate(operation, timeout, context.RequestAborted);
        if (answer.Refusal is { } refusal)
        {
            await Problem.Of(refusal).Write(context);
            return;
        }
        var done = answer.Value!;
        await Answer.Json(
            context.Response,
            new OperationAnswer(done.Version, done.Epoch.Value, done.Primary?.Value, done.Message),
            Documents.Default.OperationAnswer
        );
    }

    /// <summary>The body, or null when there is none.</summary>
    private async Task<T?> Body<T>(Exchange context, JsonTypeInfo<T> type)
        where T : class
    {
        RequestBody.MustBeJson(context.Request);
        return await RequestBody.Read(context, options.Limits.Body, type, Parse);
    }

    private static T? Parse<T>(ReadOnlySequence<byte> json, JsonTypeInfo<T> type)
        where T : class
    {
        if (json.IsEmpty)
            return null;
        var reader = new Utf8JsonReader(json);
        var request = JsonSerializer.Deserialize(ref reader, type);
        // Throws at anything but whitespace behind the document.
        reader.Read();
        return request;
    }

    private static NodeId Node(string name) =>
        name.Length > 0
            ? new NodeId(name)
            : throw new ProblemException(Problem.BadRequest("bad-node", "the node's name is empty"));

    private static PartitionId? Partition(int? number) =>
        number switch
        {
            null => null,
            >= 0 => new PartitionId(number.Value),
            _ => throw new ProblemException(Problem.BadRequest("bad-partition", "partitions count from 0")),
        };
}
