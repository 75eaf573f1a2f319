using System.Globalization;
using Failover.Client.Api;
using Failover.Client.Output;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace Failover.Client.Commands;

/// <summary>The status table, kept current until the user leaves.</summary>
internal sealed class WatchScreen(Surroundings surroundings)
{
    private static readonly TimeSpan RedrawEvery = TimeSpan.FromMilliseconds(500);

    /// <summary>So short that an outage shows in the next picture instead of freezing this one.</summary>
    private static readonly TimeSpan AskFor = TimeSpan.FromMilliseconds(400);

    public Task RunAsync(FormationApi api, CancellationToken cancel) =>
        surroundings.IsStyled ? DrawAsync(api, cancel) : PrintChangesAsync(api, cancel);

    private Task DrawAsync(FormationApi api, CancellationToken cancel) =>
        surroundings
            .Console.Live(new Text("asking the nodes …"))
            .StartAsync(async live =>
            {
                while (!cancel.IsCancellationRequested && !QuitWasPressed())
                {
                    live.UpdateTarget(await PictureAsync(api, cancel));
                    await Task.Delay(RedrawEvery, cancel).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                }
            });

    private async Task<IRenderable> PictureAsync(FormationApi api, CancellationToken cancel)
    {
        var cluster = await AskAsync(api, cancel);
        var clock = DateTime.Now.ToString("HH:mm:ss", CultureInfo.InvariantCulture);
        return new Rows(
            cluster is null
                ? new Text("no node answers; trying again …", new Style(Color.Red))
                : StatusView.ToStyled(cluster, surroundings.Console.Profile.Width),
            new Text($"{clock} · q leaves", new Style(Color.Grey))
        );
    }

    // Written to a file or a pipe, a picture twice a second would bury what happened; so only changes of state are written.
    private async Task PrintChangesAsync(FormationApi api, CancellationToken cancel)
    {
        string? shown = null;
        while (!cancel.IsCancellationRequested)
        {
            var cluster = await AskAsync(api, cancel);
            var key = cluster is null
                ? ""
                : string.Join('\n', StatusRow.From(cluster).Select(KeyOf).Prepend(StatusView.Headline(cluster)));
            if (key != shown && !cancel.IsCancellationRequested)
            {
                shown = key;
                await surroundings.Out.WriteLineAsync(
                    DateTime.Now.ToString("HH:mm:ss.fff", CultureInfo.InvariantCulture)
                );
                if (cluster is null)
                    await surroundings.Out.WriteLineAsync("no node answers");
                else
                    StatusView.Write(cluster, surroundings);
            }

            await Task.Delay(RedrawEvery, cancel).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        static string KeyOf(StatusRow row) => (row with { Position = "", Lag = "", Heartbeat = "" }).ToString();
    }

    private static async Task<ClusterDocument?> AskAsync(FormationApi api, CancellationToken cancel)
    {
        foreach (var endpoint in api.Client.Endpoints)
        {
            try
            {
                if (await api.Client.AskAsync(endpoint, "/cluster", AskFor, cancel) is { IsSuccess: true } answer)
                {
                    var cluster = FormationApi.Parse(answer, DocumentsContext.Default.ClusterDocument);
                    api.Client.Learn(
                        (cluster.Nodes ?? []).Where(node => node.Http is not null).Select(node => new Uri(node.Http!))
                    );
                    return cluster;
                }
            }
            catch (OperationCanceledException)
            {
                // The user leaves; the loops end by themselves.
                return null;
            }
        }

        return null;
    }

    private bool QuitWasPressed()
    {
        while (surroundings.HasKeyboard && System.Console.KeyAvailable)
            if (System.Console.ReadKey(intercept: true).Key == ConsoleKey.Q)
                return true;
        return false;
    }
}
