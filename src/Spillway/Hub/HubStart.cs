using Spillway.Delivery;
using Spillway.Events;

namespace Spillway.Hub;

/// <summary>Where a subscription begins, as the hub found it.</summary>
/// <param name="Resume">The position from which the stream continues.</param>
/// <param name="Live">Whether that is the head when its strands were resolved.</param>
/// <param name="SnapshotUpTo">0, or the offset up to which a snapshot is sent first.</param>
/// <param name="Lost">A gap to be told first, where the cursor belongs to another history.</param>
/// <param name="NothingFollows">Whether all its topics have ended and nothing is left to send.</param>
internal sealed record HubStart(Position Resume, bool Live, long SnapshotUpTo = 0, Gap? Lost = null, bool NothingFollows = false);
