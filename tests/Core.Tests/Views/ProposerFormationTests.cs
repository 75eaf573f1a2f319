using Failover.Core.Views;
using static Failover.Core.Tests.Cast;

namespace Failover.Core.Tests.Views;

/// <summary>A voter came with the memory of another formation: somebody kept its directory when the others were founded anew.</summary>
public sealed class ProposerFormationTests : ProposerStories
{
    private static readonly FormationState Elsewhere = Current with
    {
        Formation = new FormationId(new Guid("e0000000-0000-0000-0000-000000000000")),
        Version = 90,
    };

    [Fact]
    public void Its_state_is_not_built_on_however_high_its_ballot()
    {
        Learn(Current);
        Propose(Pause);
        Promises(A, 1, Elsewhere, acceptedIn: 9);

        Spelled.Equal([], Promises(B, 1, Current, acceptedIn: 1));
        Spelled.Equal(AskToAccept(1, Paused), Promises(C, 1, Current, acceptedIn: 1));
    }

    [Fact]
    public void It_counts_when_it_has_accepted_a_state_of_this_one()
    {
        Learn(Current);
        Propose(Pause);
        Promises(A, 1, Elsewhere, acceptedIn: 9);
        Promises(B, 1, Current, acceptedIn: 1);
        Promises(C, 1, Current, acceptedIn: 1);
        Accepts(A, 1);

        Spelled.Equal(IsDone(Paused), Accepts(B, 1));
    }

    [Fact]
    public void Whoever_knows_of_no_formation_yet_takes_the_newest_it_is_told()
    {
        Propose(new Change.Confirm());
        Promises(A, 1, Elsewhere, acceptedIn: 9);

        Spelled.Equal(AskToAccept(1, Elsewhere), Promises(B, 1, Current, acceptedIn: 1));
    }
}
