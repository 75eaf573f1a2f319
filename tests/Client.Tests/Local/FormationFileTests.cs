using Failover.Client.Local;

namespace Failover.Client.Tests.Local;

public sealed class FormationFileTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public void What_is_written_is_read()
    {
        var file = FormationFile.In(_directory.Path, "d");
        var written = new FormationDocument
        {
            Nodes =
            [
                new("monitor1", ["monitor"], "http://127.0.0.1:8080", 17, 4053, 9110),
                new("app1", ["data"], "http://127.0.0.1:8081", null, 4054),
            ],
            Partitions = 3,
            Settings = ["a=b"],
        };

        file.CreateDirectory();
        file.Write(written);

        Assert.Equivalent(written, file.Read(), strict: true);
        Assert.Equal(["formation.json"], Directory.GetFiles(file.Directory).Select(Path.GetFileName));
    }

    [Fact]
    public void Other_programs_find_the_documented_names()
    {
        var file = FormationFile.In(_directory.Path, ".");

        file.Write(new() { Nodes = [new("app1", ["data"], "http://127.0.0.1:8081", null, 4054)] });

        using var document = System.Text.Json.JsonDocument.Parse(File.ReadAllText(file.FullName));
        var node = document.RootElement.GetProperty("nodes")[0];
        Assert.Equal(
            ["name", "roles", "http", "pid"],
            node.EnumerateObject().Select(property => property.Name).Take(4)
        );
        Assert.Equal(System.Text.Json.JsonValueKind.Null, node.GetProperty("pid").ValueKind);
    }

    [Fact]
    public void A_damaged_file_is_named()
    {
        var file = FormationFile.In(_directory.Path, ".");
        _directory.Write("formation.json", "{\"nodes\":");

        Assert.Contains("--fresh", Assert.Throws<CommandException>(file.Read).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_directory_that_cannot_be_created_is_named()
    {
        _directory.Write("occupied", "");

        var failure = Assert.Throws<CommandException>(FormationFile.In(_directory.Path, "occupied/d").CreateDirectory);

        Assert.StartsWith(
            $"the directory {_directory.Path}/occupied/d cannot be created: ",
            failure.Message,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void Wiping_leaves_alone_what_is_not_ours()
    {
        foreach (var name in new[] { "formation.json", "app1.log", "app1/log/1", "notes.txt", "app2/keep" })
            _directory.Write(name, "");

        FormationFile.In(_directory.Path, ".").Wipe(["app1", "app7"]);

        Assert.Equal(
            ["app2/keep", "notes.txt"],
            Directory
                .GetFiles(_directory.Path, "*", SearchOption.AllDirectories)
                .Select(full => Path.GetRelativePath(_directory.Path, full))
                .Order(StringComparer.Ordinal)
        );
    }

    [Fact]
    public async Task Two_commands_do_not_change_a_formation_at_the_same_time()
    {
        var file = FormationFile.In(_directory.Path, ".");
        var first = await file.LockAsync(default);

        var second = file.LockAsync(default);
        Assert.False(second.IsCompleted);
        first.Dispose();

        (await second).Dispose();
    }
}
