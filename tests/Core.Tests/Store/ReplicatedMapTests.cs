using Failover.Core.Store;

namespace Failover.Core.Tests.Store;

public sealed class ReplicatedMapTests
{
    private readonly ReplicatedMap _map = new();
    private long _sequence;

    [Fact]
    public void A_new_key_is_created_with_the_version_of_its_entry()
    {
        Answers(new CommandResult.Stored(1, Created: true), new Command.Put("k", "1"));

        Assert.Equal(new StoredValue("1", 1), _map.Find("k"));
    }

    [Fact]
    public void A_known_key_is_overwritten_with_a_later_version()
    {
        Apply(new Command.Put("k", "1"));

        Answers(new CommandResult.Stored(2, Created: false), new Command.Put("k", "2"));

        Assert.Equal(new StoredValue("2", 2), _map.Find("k"));
    }

    [Fact]
    public void Compare_and_set_writes_only_over_the_version_it_expects()
    {
        Apply(new Command.Put("k", "1"));

        Answers(new CommandResult.VersionMismatch(1), new Command.Put("k", "2", IfVersion: 7));
        Assert.Equal(new StoredValue("1", 1), _map.Find("k"));

        Answers(new CommandResult.Stored(3, Created: false), new Command.Put("k", "2", IfVersion: 1));
    }

    [Fact]
    public void Version_zero_expects_the_key_to_be_absent()
    {
        Answers(new CommandResult.Stored(1, Created: true), new Command.Put("k", "1", IfVersion: 0));
        Answers(new CommandResult.VersionMismatch(1), new Command.Put("k", "2", IfVersion: 0));
        Answers(new CommandResult.VersionMismatch(0), new Command.Put("other", "2", IfVersion: 1));
    }

    [Fact]
    public void A_deleted_key_is_gone()
    {
        Apply(new Command.Put("k", "1"));

        Answers(CommandResult.Deleted.Instance, new Command.Delete("k"));

        Assert.Null(_map.Find("k"));
        Answers(CommandResult.NotFound.Instance, new Command.Delete("k"));
    }

    [Fact]
    public void A_conditional_delete_spares_another_version()
    {
        Apply(new Command.Put("k", "1"));

        Answers(new CommandResult.VersionMismatch(1), new Command.Delete("k", IfVersion: 2));
        Answers(CommandResult.NotFound.Instance, new Command.Delete("other", IfVersion: 2));
        Answers(CommandResult.Deleted.Instance, new Command.Delete("k", IfVersion: 1));
    }

    [Fact]
    public void A_key_that_is_created_again_never_repeats_a_version()
    {
        Apply(new Command.Put("k", "1"));
        Apply(new Command.Delete("k"));

        Answers(new CommandResult.Stored(3, Created: true), new Command.Put("k", "1"));
    }

    [Fact]
    public void An_update_sets_all_its_entries_under_one_version()
    {
        Apply(new Command.Put("a", "1"));

        Answers(new CommandResult.Updated(2, 2), new Command.Update([new("a", "2"), new("b", "3")]));

        Assert.Equal(new StoredValue("2", 2), _map.Find("a"));
        Assert.Equal(new StoredValue("3", 2), _map.Find("b"));
        Assert.Equal(2, _map.Count);
    }

    [Fact]
    public void A_barrier_changes_nothing()
    {
        Apply(new Command.Put("a", "1"));

        Answers(CommandResult.None.Instance, Command.Barrier.Instance);

        Assert.Equal(1, _map.Count);
    }

    [Fact]
    public void A_snapshot_does_not_see_what_comes_later()
    {
        Apply(new Command.Put("a", "1"));
        var before = _map.Snapshot();

        Apply(new Command.Update([new("a", "2"), new("b", "3")]));

        Assert.Equal(new StoredValue("1", 1), Assert.Single(before).Value);
    }

    [Fact]
    public void Keys_are_compared_ordinally()
    {
        Apply(new Command.Put("k", "1"));

        Assert.Null(_map.Find("K"));
    }

    private void Answers(CommandResult expected, Command command) => Assert.Equal(expected, Apply(command));

    private CommandResult Apply(Command command) => _map.Apply(command, ++_sequence);
}
