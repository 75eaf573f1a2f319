using Failover.Core;
using Failover.Node.Storage;

namespace Failover.Node.Lifeline;

/// <summary>
/// Which formation this node belongs to, in a file of its own. Epochs and ballots of two formations cannot be compared: a
/// node that took one's data along into the other would pass it off as the other's. One thread at a time uses it.
/// </summary>
internal sealed class FormationMemory
{
    private readonly DurableFile _file;

    private FormationMemory(DurableFile file, FormationId? known) => (_file, Known) = (file, known);

    /// <summary>Null until a committed state was heard of for the first time.</summary>
    public FormationId? Known { get; private set; }

    /// <exception cref="StorageException">The file cannot be read, or is damaged.</exception>
    public static FormationMemory Open(DurableFile file) =>
        file.Load() switch
        {
            null => new FormationMemory(file, null),
            { Length: 16 } id => new FormationMemory(file, new FormationId(new Guid(id))),
            { Length: var length } => throw new CorruptFileException(file.Path, 0, $"{length} bytes are no identity"),
        };

    /// <exception cref="StorageException">It is not on disk.</exception>
    public void Remember(FormationId formation)
    {
        if (Known == formation)
            return;
        _file.Save(formation.Value.ToByteArray());
        Known = formation;
    }
}
