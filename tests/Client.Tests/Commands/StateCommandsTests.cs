namespace Failover.Client.Tests.Commands;

public sealed class StateCommandsTests
{
    [Fact]
    public async Task Put_sends_the_value_under_a_session_and_prints_the_version()
    {
        await using var node = await FakeNode.StartAsync(_ =>
            FakeAnswer.Json("""{"key":"a/b","version":7,"epoch":2}""", 201)
        );

        (await CommandRun.AgainstAsync(node, "put", "a/b", "[1,2]")).Succeeds("a/b (version 7, epoch 2)\n");

        var request = node.TheRequest;
        Assert.Equal(("PUT", "/kv-store/v1/kv/a%2Fb"), (request.Method, request.Target));
        Assert.Equal("""{"value":[1,2]}""", request.Body);
        Assert.Equal("1", request.Number);
        Assert.False(string.IsNullOrEmpty(request.Session));
        Assert.Equal(0, request.Headers.IfMatch.Count);
    }

    [Fact]
    public async Task Put_with_a_version_compares_and_sets()
    {
        await using var node = await FakeNode.StartAsync(_ =>
            FakeAnswer.Problem(412, "'k' has version 9, not 3", "conflict")
        );

        (await CommandRun.AgainstAsync(node, "put", "k", "v", "--if-version", "3")).Fails("'k' has version 9, not 3");

        Assert.Equal("\"3\"", node.TheRequest.Headers.IfMatch);
    }

    [Theory]
    [InlineData("-5", "-5")]
    [InlineData("@home", "\"@home\"")]
    [InlineData("a=b", "\"a=b\"")]
    [InlineData("", "\"\"")]
    public async Task Put_takes_values_that_look_like_syntax(string typed, string sent)
    {
        await using var node = await FakeNode.StartAsync(_ => FakeAnswer.Json("""{"key":"k","version":1,"epoch":1}"""));

        Assert.Equal(0, (await CommandRun.AgainstAsync(node, "put", "k", typed)).ExitCode);

        Assert.Equal($$"""{"value":{{sent}}}""", node.TheRequest.Body);
    }

    [Theory]
    [InlineData("\"Paola\"", "Paola\n")]
    [InlineData("""{"a" : [1, "+"]}""", "{\"a\":[1,\"+\"]}\n")]
    [InlineData("null", "null\n")]
    public async Task Get_prints_a_string_as_it_is_and_anything_else_as_json(string value, string printed)
    {
        await using var node = await FakeNode.StartAsync(_ =>
            FakeAnswer.Json($$"""{"key":"k","value":{{value}},"version":4}""")
        );

        (await CommandRun.AgainstAsync(node, "get", "k")).Succeeds(printed);

        Assert.Equal("/kv-store/v1/kv/k", node.TheRequest.Target);
    }

    [Fact]
    public async Task Get_stale_asks_for_a_stale_read()
    {
        await using var node = await FakeNode.StartAsync(_ => FakeAnswer.Json("""{"key":"k","value":1,"version":4}"""));

        (await CommandRun.AgainstAsync(node, "get", "k", "--stale")).Succeeds("1\n");

        Assert.Equal("/kv-store/v1/kv/k?consistency=stale", node.TheRequest.Target);
    }

    [Theory]
    [InlineData("get")]
    [InlineData("delete")]
    public async Task A_key_that_does_not_exist_is_a_failure(string command)
    {
        await using var node = await FakeNode.StartAsync(_ => FakeAnswer.Problem(404, "no such key", "not-found"));

        (await CommandRun.AgainstAsync(node, command, "k")).Fails("there is no key 'k'");
    }

    [Fact]
    public async Task Delete_says_that_it_is_done()
    {
        await using var node = await FakeNode.StartAsync(_ => FakeAnswer.Empty(204));

        (await CommandRun.AgainstAsync(node, "delete", "k")).Succeeds("k deleted\n");

        Assert.Equal("DELETE", node.TheRequest.Method);
    }

    [Theory]
    [InlineData("..", "%2E%2E")]
    [InlineData(".", "%2E")]
    [InlineData("a b/ü?#%", "a%20b%2F%C3%BC%3F%23%25")]
    public async Task A_key_of_any_characters_arrives_encoded(string key, string encoded)
    {
        await using var node = await FakeNode.StartAsync(_ => FakeAnswer.Empty(204));

        Assert.Equal(0, (await CommandRun.AgainstAsync(node, "delete", key)).ExitCode);

        Assert.Equal("/kv-store/v1/kv/" + encoded, node.TheRequest.Target);
    }

    [Fact]
    public async Task An_empty_key_is_refused_before_anything_is_sent()
    {
        await using var node = await FakeNode.StartAsync(_ => FakeAnswer.Empty(204));

        Assert.Equal(2, (await CommandRun.AgainstAsync(node, "delete", "")).ExitCode);

        Assert.Empty(node.Requests);
    }

    [Fact]
    public async Task A_wrong_address_is_not_taken_for_a_missing_key()
    {
        await using var node = await FakeNode.StartAsync(_ =>
            FakeAnswer.Problem(404, "nothing at that path", "no-such-route")
        );

        (await CommandRun.AgainstAsync(node, "get", "k")).Fails("nothing at that path");
    }

    [Fact]
    public async Task Put_with_version_zero_only_creates()
    {
        await using var node = await FakeNode.StartAsync(_ =>
            FakeAnswer.Json("""{"key":"k","version":1,"epoch":1}""", 201)
        );

        (await CommandRun.AgainstAsync(node, "put", "k", "v", "--if-version", "0")).Succeeds(
            "k (version 1, epoch 1)\n"
        );

        Assert.Equal("*", node.TheRequest.Headers.IfNoneMatch);
    }

    [Fact]
    public async Task Update_sends_all_entries_of_a_file_in_one_request()
    {
        using var directory = new TemporaryDirectory();
        var file = directory.Write("update_file", "# both\nid=999\nname=Paola\n");
        await using var node = await FakeNode.StartAsync(_ =>
            FakeAnswer.Json("""{"version":12,"epoch":3,"updated":2}""")
        );

        (await CommandRun.AgainstAsync(node, "update", "--file", file)).Succeeds(
            "updated 2 entries (version 12, epoch 3)\n"
        );

        var request = node.TheRequest;
        Assert.Equal(("PATCH", "/state"), (request.Method, request.Target));
        Assert.Equal("""{"id":"999","name":"Paola"}""", request.Body);
        Assert.Equal("1", request.Number);
    }

    [Fact]
    public async Task Update_takes_entries_from_the_command_line()
    {
        await using var node = await FakeNode.StartAsync(_ =>
            FakeAnswer.Json("""{"version":12,"epoch":3,"updated":1}""")
        );

        (await CommandRun.AgainstAsync(node, "update", "age=35")).Succeeds("updated 1 entry (version 12, epoch 3)\n");

        Assert.Equal("""{"age":"35"}""", node.TheRequest.Body);
    }

    [Fact]
    public async Task A_malformed_file_changes_nothing()
    {
        using var directory = new TemporaryDirectory();
        var file = directory.Write("update_file", "id=999\nname\n");
        await using var node = await FakeNode.StartAsync(_ => FakeAnswer.Json("{}"));

        (await CommandRun.AgainstAsync(node, "update", "--file", file)).Fails(
            $"{file}:2: expected key=value but found 'name'; nothing was applied"
        );

        Assert.Empty(node.Requests);
    }

    [Theory]
    [InlineData("update needs --file FILE or KEY=VALUE entries")]
    [InlineData("expected key=value but found 'x'", "x")]
    [InlineData("update takes --file FILE or KEY=VALUE entries, not both", "a=1", "--file", "f")]
    public async Task Update_wants_either_a_file_or_entries(string message, params string[] arguments)
    {
        (await CommandRun.OfAsync(["update", .. arguments])).IsBadUsage(message, "failover update --help");
    }

    [Fact]
    public async Task The_state_is_printed_as_lines_that_update_reads_again()
    {
        await using var node = await FakeNode.StartAsync(_ =>
            FakeAnswer.Json("""{"id":"999","tags":["a","b"],"about":"two\nlines"}""")
        );

        (await CommandRun.AgainstAsync(node, "get-state", "standby")).Succeeds(
            "id=999\ntags=[\"a\",\"b\"]\nabout=\"two\\nlines\"\n"
        );

        Assert.Equal("/state?replica=standby", node.TheRequest.Target);
    }

    [Fact]
    public async Task The_state_as_json_is_the_nodes_own_document()
    {
        await using var node = await FakeNode.StartAsync(_ => FakeAnswer.Json("""{"id":"+1","n":1.50}"""));

        (await CommandRun.AgainstAsync(node, "get-state", "app1", "--json")).Succeeds(
            "{\n  \"id\": \"+1\",\n  \"n\": 1.50\n}\n"
        );
    }
}
