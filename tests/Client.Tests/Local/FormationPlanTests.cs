using System.Net;
using System.Net.Sockets;
using Failover.Client.Local;

namespace Failover.Client.Tests.Local;

public sealed class FormationPlanTests
{
    [Fact]
    public void Monitors_come_first_and_the_http_ports_run_on()
    {
        var first = FreeRange(4);

        var plan = FormationPlan.Make(
            new()
            {
                Monitors = 1,
                Nodes = 3,
                HttpPort = first,
            },
            null,
            new PortFinder()
        );

        Assert.Equal(["monitor1", "app1", "app2", "app3"], plan.Nodes.Select(node => node.Name));
        Assert.Equal(["monitor", "data", "data", "data"], plan.Nodes.Select(node => Assert.Single(node.Roles)));
        Assert.Equal([first, first + 1, first + 2, first + 3], plan.Nodes.Select(node => node.HttpPort));
        Assert.Equal(4, plan.Nodes.Select(node => node.RemotePort).Distinct().Count());
        Assert.All(plan.Nodes, node => Assert.Null(node.Pid));
    }

    [Fact]
    public void Without_wishes_there_are_one_monitor_and_two_data_nodes_in_one_partition()
    {
        var plan = FormationPlan.Make(new() { HttpPort = 0 }, null, new PortFinder());

        Assert.Equal(["monitor1", "app1", "app2"], plan.Nodes.Select(node => node.Name));
        Assert.Equal(1, plan.Partitions);
    }

    [Fact]
    public void Port_zero_takes_any_free_ports_and_no_two_are_the_same()
    {
        var plan = FormationPlan.Make(new() { Nodes = 9, HttpPort = 0 }, null, new PortFinder());

        var ports = plan.Nodes.SelectMany(node => new[] { node.HttpPort, node.RemotePort }).ToArray();
        Assert.Equal(20, ports.Distinct().Count());
        // The range for outgoing connections would lend a stopped node's port to a client.
        Assert.All(ports, port => Assert.InRange(port, 1024, 32_767));
    }

    [Fact]
    public void A_second_start_keeps_the_nodes_and_their_remoting_ports()
    {
        var former = FormationPlan.Make(
            new()
            {
                Nodes = 3,
                Partitions = 2,
                HttpPort = 0,
            },
            null,
            new PortFinder()
        );

        var plan = FormationPlan.Make(new() { HttpPort = 0 }, former, new PortFinder());

        // Another process may have taken one of the ports in between: only then is it given up.
        Assert.Equal(former.Nodes.Select(n => n.Name), plan.Nodes.Select(n => n.Name));
        Assert.All(
            former.Nodes,
            n => Assert.True(plan.Find(n.Name)!.RemotePort == n.RemotePort || !PortFinder.IsFree(n.RemotePort))
        );
        Assert.Equal(2, plan.Partitions);
    }

    [Fact]
    public void A_second_start_takes_another_remoting_port_where_the_former_is_taken()
    {
        var former = FormationPlan.Make(new() { HttpPort = 0 }, null, new PortFinder());
        using var stranger = new TcpListener(IPAddress.Loopback, former.Find("app1")!.RemotePort);
        stranger.Start();

        var plan = FormationPlan.Make(new() { HttpPort = 0 }, former, new PortFinder());

        Assert.NotEqual(former.Find("app1")!.RemotePort, plan.Find("app1")!.RemotePort);
        Assert.Equal(former.Find("app2")!.RemotePort, plan.Find("app2")!.RemotePort);
    }

    [Fact]
    public void A_second_start_does_not_change_what_the_data_was_made_for()
    {
        var former = FormationPlan.Make(new() { HttpPort = 0 }, null, new PortFinder());

        var failure = Assert.Throws<CommandException>(() =>
            FormationPlan.Make(new() { Nodes = 3 }, former, new PortFinder())
        );

        Assert.StartsWith("--nodes 3 does not fit", failure.Message, StringComparison.Ordinal);
        Assert.Contains("--fresh", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_http_port_that_is_taken_is_named_with_its_node()
    {
        var first = FreeRange(3);
        using var stranger = new TcpListener(IPAddress.Loopback, first + 1);
        stranger.Start();

        var failure = Assert.Throws<CommandException>(() =>
            FormationPlan.Make(new() { HttpPort = first }, null, new PortFinder())
        );

        Assert.Equal(
            $"port {first + 1}, the HTTP port of app1, is in use; choose another with --http-port",
            failure.Message
        );
    }

    private static int FreeRange(int length)
    {
        var finder = new PortFinder();
        while (true)
        {
            var first = finder.Free();
            if (Enumerable.Range(first, length).All(PortFinder.IsFree))
                return first;
        }
    }
}
