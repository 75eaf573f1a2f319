namespace Failover.Core;

/// <summary>
/// Deliberate mistakes by which the simulator proves that it would notice them. A production build has none: every
/// member is constantly false there, and the compiler drops what it guards.
/// </summary>
internal static class Mutant
{
#if MUTANTS
    [ThreadStatic]
    private static string? _active;

    /// <summary>The mistake that this thread makes; null for none.</summary>
    public static string? Active
    {
        get => _active;
        set => _active = value;
    }

    public static readonly string[] All =
    [
        "no-fencing",
        "ack-before-standby",
        "no-barrier",
        "keep-diverged-tail",
        "forget-promise",
        "vote-without-memory",
        "ignore-grant",
        "stale-read",
        "forget-session",
        "forget-eviction",
        "serve-before-catch-up",
        "shrink-before-commit",
        "naive-voters",
        "outdated-electorate",
        "settle-early",
        "answers-only",
    ];

    public static bool NoFencing => _active == "no-fencing";
    public static bool AckBeforeStandby => _active == "ack-before-standby";
    public static bool NoBarrier => _active == "no-barrier";
    public static bool KeepDivergedTail => _active == "keep-diverged-tail";
    public static bool ForgetPromise => _active == "forget-promise";
    public static bool VoteWithoutMemory => _active == "vote-without-memory";
    public static bool IgnoreGrant => _active == "ignore-grant";
    public static bool StaleRead => _active == "stale-read";
    public static bool ForgetSession => _active == "forget-session";
    public static bool ForgetEviction => _active == "forget-eviction";
    public static bool ServeBeforeCatchUp => _active == "serve-before-catch-up";
    public static bool ShrinkBeforeCommit => _active == "shrink-before-commit";
    public static bool NaiveVoters => _active == "naive-voters";
    public static bool OutdatedElectorate => _active == "outdated-electorate";
    public static bool SettleEarly => _active == "settle-early";
    public static bool AnswersOnly => _active == "answers-only";
#else
    public static bool NoFencing => false;
    public static bool AckBeforeStandby => false;
    public static bool NoBarrier => false;
    public static bool KeepDivergedTail => false;
    public static bool ForgetPromise => false;
    public static bool VoteWithoutMemory => false;
    public static bool IgnoreGrant => false;
    public static bool StaleRead => false;
    public static bool ForgetSession => false;
    public static bool ForgetEviction => false;
    public static bool ServeBeforeCatchUp => false;
    public static bool ShrinkBeforeCommit => false;
    public static bool NaiveVoters => false;
    public static bool OutdatedElectorate => false;
    public static bool SettleEarly => false;
    public static bool AnswersOnly => false;
#endif
}
