using System.Buffers;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Failover.Core;
using Failover.Node.Routing;

namespace Failover.Node.Http;

/// <summary>Operators' commands.</summary>
internal sealed class OperationRoutes(HttpOptions options, INodeService service)
{
    public void Map(IEndpointRouteBuilder routes)
    {
        routes.MapPost("/switchover", Switchover);
        routes.MapPost("/failover", ForceFailover);
        routes.MapPost("/rebalance", context => Operate(context, new Operation.Rebalance()));
        routes.MapPost("/maintenance/{node}", context => SetMaintenance(context, enabled: true));
        routes.MapDelete("/maintenance/{node}", context => SetMaintenance(context, enabled: false));
        routes.MapPut("/voters/{node}", context => SetVoter(context, votes: true));
        routes.MapDelete("/voters/{node}", context => SetVoter(context, votes: false));
        routes.MapPost("/pause", context => Operate(context, new Operation.SetPaused(true)));
        routes.MapPost("/resume", context => Operate(context, new Operation.SetPaused(false)));
    }

    private async Task Switchover(HttpContext context)
    {
        var request = await Body(context, Documents.Default.SwitchoverRequest) ?? new SwitchoverRequest();
        NodeId? to = request.To is { } name ? Node(name) : null;
        await Operate(context, new Operation.Switchover(Partition(request.Partition), to));
    }

    private async Task ForceFailover(HttpContext context)
    {
        var request = await Body(context, Documents.Default.FailoverRequest) ?? new FailoverRequest();
        await Operate(context, new Operation.ForceFailover(Partition(request.Partition), request.AcceptDataLoss));
    }

    private Task SetMaintenance(HttpContext context, bool enabled) =>
        Operate(context, new Operation.SetMaintenance(Node((string)context.Request.RouteValues["node"]!), enabled));

    private Task SetVoter(HttpContext context, bool votes) =>
        Operate(context, new Operation.SetVoter(Node((string)context.Request.RouteValues["node"]!), votes));

    private async Task Operate(HttpContext context, Operation operation)
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
    private async Task<T?> Body<T>(HttpContext context, JsonTypeInfo<T> type)
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
