using System.Collections.Immutable;
using System.Text;
using Akka.Actor;
using Akka.Util;

namespace Akka.Cluster.Gossiping;

/// <summary>Gossip as bytes. Members come first and in order; everything after refers to them by position.</summary>
/// <remarks>Reading checks every count and position against what is there: bytes that make no sense throw <see cref="InvalidDataException"/>.</remarks>
internal static class GossipCodec
{
    private const byte Version = 1;

    public static byte[] ToBytes(Gossip gossip)
    {
        using var stream = new MemoryStream();
        WriteContent(gossip, stream);
        using var writer = new BinaryWriter(stream, Encoding.UTF8);

        var seen = gossip.Members.Keys.Select(gossip.Seen.Contains).ToArray();
        foreach (var hasSeen in seen)
            writer.Write(hasSeen);

        writer.Write7BitEncodedInt(gossip.Tombstones.Count);
        foreach (var (node, tombstone) in gossip.Tombstones)
        {
            writer.WriteNode(node);
            writer.Write(tombstone.UnixSeconds);
            writer.Write((byte)tombstone.Previous);
        }

        writer.Flush();
        return stream.ToArray();
    }

    /// <summary>Members and reachability only, the same bytes for the same content on every node.</summary>
    public static void WriteContent(Gossip gossip, Stream stream)
    {
        using var writer = new BinaryWriter(stream, Encoding.UTF8, leaveOpen: true);
        writer.Write(Version);
        writer.Write7BitEncodedInt(gossip.Members.Count);
        foreach (var member in gossip.Members.Values)
            writer.WriteMember(member);

        // Observers and subjects are members: a gossip is cut down to that whenever it changes.
        var positions = gossip.Members.Keys.Select((node, i) => (node, i)).ToDictionary(x => x.node, x => x.i);
        writer.Write7BitEncodedInt(gossip.Reachability.Rows.Count);
        foreach (var (observer, row) in gossip.Reachability.Rows)
        {
            writer.Write7BitEncodedInt(positions[observer]);
            writer.Write(row.Version);
            writer.Write7BitEncodedInt(row.Unreachable.Count);
            foreach (var subject in row.Unreachable)
                writer.Write7BitEncodedInt(positions[subject]);
        }
    }

    public static Gossip FromBytes(ReadOnlyMemory<byte> bytes)
    {
        using var reader = new BinaryReader(new MemoryStream(bytes.ToArray()), Encoding.UTF8);
        try
        {
            return Read(reader);
        }
        catch (Exception e) when (e is EndOfStreamException or ArgumentException or FormatException)
        {
            throw new InvalidDataException("A gossip ended early or held what no gossip holds.", e);
        }
    }

    private static Gossip Read(BinaryReader reader)
    {
        if (reader.ReadByte() is var version and not Version)
            throw new InvalidDataException($"Gossip version {version} is not {Version}.");

        var members = new List<Member>();
        for (var count = reader.ReadCount(); members.Count < count; )
            members.Add(reader.ReadMember());

        var rows = new List<KeyValuePair<UniqueAddress, Reachability.Row>>();
        for (var count = reader.ReadCount(); rows.Count < count; )
            rows.Add(ReadRow(reader, members));

        var seen = members.Where(_ => reader.ReadBoolean()).Select(m => m.UniqueAddress).ToImmutableHashSet();

        var tombstones = ImmutableDictionary.CreateBuilder<UniqueAddress, Tombstone>();
        for (var count = reader.ReadCount(); count > 0; count--)
            tombstones[reader.ReadNode()] = new Tombstone(reader.ReadInt64(), reader.ReadStatus());

        return new Gossip(
            members.ToImmutableSortedDictionary(member => member.UniqueAddress, member => member),
            Reachability.FromRows(rows),
            tombstones.ToImmutable(),
            seen
        );
    }

    private static KeyValuePair<UniqueAddress, Reachability.Row> ReadRow(BinaryReader reader, List<Member> members)
    {
        var observer = members[reader.ReadPosition(members.Count)].UniqueAddress;
        var version = reader.ReadInt64();
        var unreachable = ImmutableSortedSet.CreateBuilder<UniqueAddress>();
        for (var count = reader.ReadCount(); count > 0; count--)
            unreachable.Add(members[reader.ReadPosition(members.Count)].UniqueAddress);
        return KeyValuePair.Create(observer, new Reachability.Row(version, unreachable.ToImmutable()));
    }
}

/// <summary>The pieces that cluster messages are made of.</summary>
internal static class ClusterBinary
{
    extension(BinaryWriter writer)
    {
        public void WriteAddress(Address address)
        {
            writer.Write(address.Protocol);
            writer.Write(address.System);
            writer.Write(address.Host ?? "");
            writer.Write(address.Port ?? -1);
        }

        public void WriteNode(UniqueAddress node)
        {
            writer.WriteAddress(node.Address);
            writer.Write(node.Uid);
        }

        public void WriteRoles(ImmutableHashSet<string> roles)
        {
            writer.Write7BitEncodedInt(roles.Count);
            foreach (var role in roles.Order(StringComparer.Ordinal))
                writer.Write(role);
        }

        public void WriteMember(Member member)
        {
            writer.WriteNode(member.UniqueAddress);
            writer.Write(member.UpNumber);
            writer.Write((byte)member.Status);
            writer.WriteRoles(member.Roles);
            writer.Write(member.AppVersion.Version);
        }
    }

    extension(BinaryReader reader)
    {
        public Address ReadAddress()
        {
            var protocol = reader.ReadString();
            var system = reader.ReadString();
            var host = reader.ReadString();
            var port = reader.ReadInt32();
            return host.Length == 0
                ? new Address(protocol, system)
                : new Address(protocol, system, host, port < 0 ? null : port);
        }

        public UniqueAddress ReadNode() => new(reader.ReadAddress(), reader.ReadInt32());

        public ImmutableHashSet<string> ReadRoles()
        {
            var roles = ImmutableHashSet.CreateBuilder<string>();
            for (var count = reader.ReadCount(); count > 0; count--)
                roles.Add(reader.ReadString());
            return roles.ToImmutable();
        }

        public Member ReadMember()
        {
            var node = reader.ReadNode();
            var upNumber = reader.ReadInt32();
            var status = reader.ReadStatus();
            var roles = reader.ReadRoles();
            return new Member(node, upNumber, status, roles, AppVersion.Create(reader.ReadString()));
        }

        public MemberStatus ReadStatus() =>
            (MemberStatus)reader.ReadByte() is var status && Enum.IsDefined(status)
                ? status
                : throw new InvalidDataException($"{status} is no member status.");

        public int ReadCount() =>
            reader.Read7BitEncodedInt() is >= 0 and var count
                ? count
                : throw new InvalidDataException("A count is negative.");

        public int ReadPosition(int size) =>
            reader.Read7BitEncodedInt() is var position && position >= 0 && position < size
                ? position
                : throw new InvalidDataException($"{position} is outside of {size} members.");
    }
}
