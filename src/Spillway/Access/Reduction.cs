using System.Diagnostics.CodeAnalysis;
using Spillway.Events;

namespace Spillway.Access;

/// <summary>What of a subscription is granted, or why nothing is.</summary>
internal readonly struct Reduction
{
    private Reduction(SelectorSet? granted, RefusalKind kind, string refused) => (Granted, Kind, Refused) = (granted, kind, refused);

    /// <summary>What the subscription may have; null where it is refused.</summary>
    public SelectorSet? Granted { get; }

    public RefusalKind Kind { get; }

    /// <summary>The topic or pattern that is at fault; empty where nothing is.</summary>
    public string Refused { get; }

    [MemberNotNullWhen(true, nameof(Granted))]
    public bool IsGranted => Granted is not null;

    public static Reduction Grant(SelectorSet granted) => new(granted, RefusalKind.None, "");

    public static Reduction Refuse(RefusalKind kind, string refused) => new(null, kind, refused);
}
