using Failover.Client.Local;
using Failover.Client.Output;

namespace Failover.Client.Commands;

/// <summary>Names for completion: what the formation file knows, without asking the network while someone types.</summary>
internal sealed class NodeNameSource(Surroundings surroundings)
{
    public IEnumerable<string> All()
    {
        try
        {
            var file = FormationFile.In(surroundings.WorkingDirectory, FormationFile.DefaultDirectory);
            return (file.TryRead()?.Nodes ?? []).Select(node => node.Name).Order(NaturalOrder.Instance);
        }
        catch (CommandException)
        {
            // A damaged file is reported by the command itself; completion only has nothing to offer.
            return [];
        }
    }
}
