namespace Failover.Client.Tests.Commands;

public sealed class ViewCommandsTests
{
    private const string Cluster = """
        {"formation":"3f2a77c0-0d5f-4e54-9c9e-000000000001","version":12,"paused":false,"monitor":"monitor1","nodes":[
         {"node":"app10","roles":["data"],"address":"akka.tcp://failover@127.0.0.1:10004","http":"http://127.0.0.1:8083","status":"joining",
          "reachability":"unknown","heartbeatAgeMs":null,"maintenance":true,"version":"0.1.0","replicas":[
           {"partition":0,"reported":"unknown","assigned":"none","epoch":0,"position":null,"commit":null,"lag":null}]},
         {"node":"app2","roles":["data"],"address":"akka.tcp://failover@127.0.0.1:10002","http":"http://127.0.0.1:8082","status":"up",
          "reachability":"unreachable","heartbeatAgeMs":12345.6,"maintenance":false,"version":"0.1.0","replicas":[
           {"partition":0,"reported":"standby","assigned":"standby","epoch":3,"position":{"epoch":3,"sequence":118},"commit":118,"lag":2}]},
         {"node":"app1","roles":["data"],"address":"akka.tcp://failover@127.0.0.1:9999","http":"http://127.0.0.1:8081","status":"up",
          "reachability":"reachable","heartbeatAgeMs":12.5,"maintenance":false,"version":"0.1.0","replicas":[
           {"partition":0,"reported":"primary","assigned":"primary","epoch":3,"position":{"epoch":3,"sequence":120},"commit":120,"lag":0}]},
         {"node":"monitor1","roles":["monitor"],"address":"akka.tcp://failover@127.0.0.1:10001","http":"http://127.0.0.1:8080","status":"up",
          "reachability":"reachable","heartbeatAgeMs":3,"maintenance":false,"version":"0.1.0","replicas":[]}],
         "partitions":[{"partition":0,"epoch":3,"primary":"app1","inSync":["app1","app2"],"somethingNew":1}]}
        """;

    [Fact]
    public async Task Status_shows_monitors_first_then_nodes_as_people_count_with_marks_for_the_unreachable()
    {
        await using var node = await FakeNode.StartAsync(_ => FakeAnswer.Json(Cluster));

        (await CommandRun.AgainstAsync(node, "status")).Succeeds(
            """
            formation 3f2a77c0 · version 12 · monitor monitor1 · primary app1 (epoch 3)
            Node      Roles    Reported   Assigned            Epoch  Position  Lag  Heartbeat  Reachability  HTTP
            monitor1  monitor  -          -                   -      -         -    3 ms       reachable     http://127.0.0.1:8080
            app1      data     primary    primary             3      3/120     0    13 ms      reachable     http://127.0.0.1:8081
            app2      data     standby !  standby             3      3/118     2    12 s       unreachable   http://127.0.0.1:8082
            app10     data     unknown ?  none (maintenance)  0      -         -    -          unknown       http://127.0.0.1:8083

            """
        );
        Assert.Equal("/cluster", node.TheRequest.Target);
    }

    [Fact]
    public async Task Status_as_json_leaves_nothing_out()
    {
        await using var node = await FakeNode.StartAsync(_ => FakeAnswer.Json(Cluster));

        var run = await CommandRun.AgainstAsync(node, "status", "--json");

        Assert.Contains("\"somethingNew\": 1", run.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Several_partitions_have_a_column_of_their_own_and_a_pause_is_said()
    {
        await using var node = await FakeNode.StartAsync(_ =>
            FakeAnswer.Json(
                """
                {"formation":null,"version":1,"paused":true,"monitor":null,"nodes":[
                 {"node":"app1","roles":["data"],"address":null,"http":null,"status":"up","reachability":"reachable","heartbeatAgeMs":null,
                  "maintenance":false,"version":null,"replicas":[
                   {"partition":1,"reported":"standby","assigned":"standby","epoch":1,"position":null,"commit":null,"lag":null},
                   {"partition":0,"reported":"primary","assigned":"primary","epoch":1,"position":null,"commit":null,"lag":null}]}],
                 "partitions":[{"partition":0,"epoch":1,"primary":"app1","inSync":["app1"]},{"partition":1,"epoch":2,"primary":null,"inSync":[]}],
                 "problems":["partition 1 has no primary"],"alarms":["partition 0 failed over 4 times by itself within an hour"]}
                """
            )
        );

        (await CommandRun.AgainstAsync(node, "status")).Succeeds(
            """
            no formation yet · version 1 · monitor none · partition 0: primary app1 (epoch 1) · partition 1: primary none (epoch 2) · automatic failover PAUSED
            Node  Roles  Partition  Reported  Assigned  Epoch  Position  Lag  Heartbeat  Reachability  HTTP
            app1  data   0          primary   primary   1      -         -    -          reachable     -
            app1  data   1          standby   standby   1      -         -    -          reachable     -
            ! partition 1 has no primary
            ! alarm: partition 0 failed over 4 times by itself within an hour

            """
        );
    }

    [Fact]
    public async Task Cluster_show_prints_what_pbm_prints()
    {
        await using var node = await FakeNode.StartAsync(_ => FakeAnswer.Json(Cluster));

        (await CommandRun.AgainstAsync(node, "cluster", "show")).Succeeds(
            """
            akka.tcp://failover@127.0.0.1:9999 | [data] | up |  | 0.1.0
            akka.tcp://failover@127.0.0.1:10001 | [monitor] | up |  | 0.1.0
            akka.tcp://failover@127.0.0.1:10002 | [data] | up | unreachable | 0.1.0
            akka.tcp://failover@127.0.0.1:10004 | [data] | joining | unknown | 0.1.0
            Count: 4 nodes

            """
        );
    }

    [Fact]
    public async Task Cluster_leader_is_the_first_reachable_member_by_address()
    {
        await using var node = await FakeNode.StartAsync(_ => FakeAnswer.Json(Cluster));

        (await CommandRun.AgainstAsync(node, "cluster", "leader")).Succeeds("akka.tcp://failover@127.0.0.1:9999\n");
    }

    [Fact]
    public async Task Cluster_status_is_the_line_of_the_node_that_answers()
    {
        FakeNode? self = null;
        await using var node = await FakeNode.StartAsync(_ =>
            FakeAnswer.Json(
                Cluster.Replace("http://127.0.0.1:8082", self!.Endpoint.ToString(), StringComparison.Ordinal)
            )
        );
        self = node;

        (await CommandRun.AgainstAsync(node, "cluster", "status")).Succeeds(
            "akka.tcp://failover@127.0.0.1:10002 | [data] | up | unreachable | 0.1.0\n"
        );
    }

    [Fact]
    public async Task History_shows_the_evidence_below_the_decision_and_how_long_each_phase_took()
    {
        await using var node = await FakeNode.StartAsync(_ =>
            FakeAnswer.Json(
                """
                {"events":[
                 {"version":1,"at":null,"kind":"created","partition":0,"epoch":1,"from":null,"to":"app1","reason":"first start","evidence":[],"phasesMs":null},
                 {"version":7,"at":null,"kind":"failover","partition":0,"epoch":2,"from":"app1","to":"app2","reason":"app1 is dead",
                  "evidence":["heartbeat of app1 is 213 ms old (3 misses)","probe of app1: connection refused"],
                  "phasesMs":{"detected":1.2,"decided":3.4,"promoted":5.6}}]}
                """
            )
        );

        (await CommandRun.AgainstAsync(node, "history", "--last", "1")).Succeeds(
            """
            Version  At  Kind      Change       Epoch  Took     Why
            7            failover  app1 → app2  2      10.2 ms  app1 is dead
                                                                · heartbeat of app1 is 213 ms old (3 misses)
                                                                · probe of app1: connection refused
                                                                · detected 1.2 ms, decided 3.4 ms, promoted 5.6 ms

            """
        );
    }

    [Fact]
    public async Task A_switchover_begins_with_its_draining()
    {
        await using var node = await FakeNode.StartAsync(_ =>
            FakeAnswer.Json(
                """
                {"events":[
                 {"version":7,"at":null,"kind":"switchover","partition":0,"epoch":2,"from":"app1","to":"app2","reason":"an operator asked for it",
                  "evidence":[],"phasesMs":{"drained":1.5,"decided":3.4,"promoted":5.6}}]}
                """
            )
        );

        (await CommandRun.AgainstAsync(node, "history")).Succeeds(
            """
            Version  At  Kind        Change       Epoch  Took     Why
            7            switchover  app1 → app2  2      10.5 ms  an operator asked for it
                                                                  · drained 1.5 ms, decided 3.4 ms, promoted 5.6 ms

            """
        );
    }

    [Fact]
    public async Task A_document_of_another_kind_is_reported_in_one_line()
    {
        await using var node = await FakeNode.StartAsync(_ => new FakeAnswer(200, "<html></html>", "text/html"));

        var run = await CommandRun.AgainstAsync(node, "status");

        Assert.Equal(1, run.ExitCode);
        Assert.StartsWith("failover: ", run.Error, StringComparison.Ordinal);
        Assert.Single(run.Error.TrimEnd().Split('\n'));
    }
}
