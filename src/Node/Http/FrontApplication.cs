using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Abstractions;
using Microsoft.AspNetCore.Http.Features;

namespace Failover.Node.Http;

/// <summary>Leads the server's requests to the door. A connection's requests come one after another and share one exchange.</summary>
internal sealed class FrontApplication(FrontDoor door) : IHttpApplication<Exchange>
{
    public Exchange CreateContext(IFeatureCollection contextFeatures)
    {
        var exchange = contextFeatures is IHostContextContainer<Exchange> connection
            ? connection.HostContext ??= new Exchange()
            : new Exchange();
        exchange.Begin(contextFeatures);
        return exchange;
    }

    public Task ProcessRequestAsync(Exchange context) => door.Enter(context);

    public void DisposeContext(Exchange context, Exception? exception) { }
}
