using System.Collections.Immutable;
using Akka.Actor;
using Akka.Util;

namespace Akka.Cluster;

/// <summary>One node of the cluster as gossip knows it. Two members are equal when they are the same incarnation.</summary>
public class Member : IComparable<Member>, IComparable
{
    /// <summary>By host, then port: the order in which leaders are chosen.</summary>
    public static readonly IComparer<Address> AddressOrdering = Comparer<Address>.Create(CompareAddresses);

    /// <summary>The oldest member first.</summary>
    public static readonly IComparer<Member> AgeOrdering = Comparer<Member>.Create(CompareAges);

    internal Member(
        UniqueAddress uniqueAddress,
        int upNumber,
        MemberStatus status,
        ImmutableHashSet<string> roles,
        AppVersion appVersion
    )
    {
        UniqueAddress = uniqueAddress;
        UpNumber = upNumber;
        Status = status;
        Roles = roles;
        AppVersion = appVersion;
    }

    public UniqueAddress UniqueAddress { get; }

    public MemberStatus Status { get; }

    public ImmutableHashSet<string> Roles { get; }

    public AppVersion AppVersion { get; }

    public Address Address => UniqueAddress.Address;

    /// <summary>The order in which members became Up; <see cref="int.MaxValue"/> before that.</summary>
    internal int UpNumber { get; }

    internal static Member Joining(UniqueAddress node, ImmutableHashSet<string> roles, AppVersion appVersion) =>
        new(node, int.MaxValue, MemberStatus.Joining, roles, appVersion);

    public int CompareTo(Member? other) => other is null ? 1 : UniqueAddress.CompareTo(other.UniqueAddress);

    int IComparable.CompareTo(object? obj) =>
        obj is null or Member
            ? CompareTo((Member?)obj)
            : throw new ArgumentException($"Cannot compare a Member to {obj.GetType()}.", nameof(obj));

    public bool HasRole(string role) => Roles.Contains(role);

    public bool IsOlderThan(Member other) => AgeOrdering.Compare(this, other) < 0;

    /// <summary>The same member further on in its life.</summary>
    /// <exception cref="InvalidOperationException">The life of a member does not run that way.</exception>
    public Member Copy(MemberStatus status)
    {
        if (status == Status)
            return this;
        if (status.Rank < Status.Rank)
            throw new InvalidOperationException($"Invalid member status transition [{this} -> {status}]");

        return new Member(UniqueAddress, UpNumber, status, Roles, AppVersion);
    }

    public Member CopyUp(int upNumber) => new(UniqueAddress, upNumber, Copy(MemberStatus.Up).Status, Roles, AppVersion);

    public override bool Equals(object? obj) => obj is Member other && UniqueAddress.Equals(other.UniqueAddress);

    public override int GetHashCode() => UniqueAddress.GetHashCode();

    public override string ToString() =>
        $"Member(address = {Address}, Uid={UniqueAddress.Uid}, status = {Status}, role=[{string.Join(",", Roles.Order(StringComparer.Ordinal))}], upNumber={UpNumber}, version={AppVersion})";

    internal bool HasSameStateAs(Member other) =>
        Status == other.Status && UpNumber == other.UpNumber && UniqueAddress.Equals(other.UniqueAddress);

    /// <summary>What two gossips together know about one member.</summary>
    /// <remarks>
    /// Two leaders can only have numbered the same member when a partition had no resolver;
    /// the lower number is then as good as the other, and every node picks it.
    /// </remarks>
    internal static Member Merge(Member a, Member b)
    {
        var status = a.Status.Rank >= b.Status.Rank ? a.Status : b.Status;
        var upNumber = Math.Min(a.UpNumber, b.UpNumber);
        if (status == a.Status && upNumber == a.UpNumber)
            return a;

        return new Member(a.UniqueAddress, upNumber, status, a.Roles, a.AppVersion);
    }

    private static int CompareAddresses(Address? a, Address? b)
    {
        if (ReferenceEquals(a, b))
            return 0;
        if (a is null)
            return -1;
        if (b is null)
            return 1;

        var byHost = string.CompareOrdinal(a.Host, b.Host);
        if (byHost != 0)
            return byHost;

        var byPort = Nullable.Compare(a.Port, b.Port);
        return byPort != 0 ? byPort : string.CompareOrdinal(a.ToString(), b.ToString());
    }

    private static int CompareAges(Member? a, Member? b)
    {
        if (ReferenceEquals(a, b))
            return 0;
        if (a is null)
            return -1;
        if (b is null)
            return 1;

        var byAge = a.UpNumber.CompareTo(b.UpNumber);
        return byAge != 0 ? byAge : a.CompareTo(b);
    }
}
