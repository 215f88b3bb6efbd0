using System.Buffers;

namespace Spillway.Backplane;

/// <summary>Events on their way to be ordered, as unstamped records (<c>EventRecord</c>).</summary>
/// <param name="Records">Whole records, one behind the other; <see cref="Events.EventFlags.Ephemeral"/> is already set where a rule asks for it. Written to by the orderer.</param>
/// <param name="Count">How many records.</param>
/// <param name="Publisher">Whose ids these are: ids of different publishers never meet. Empty on an open hub.</param>
internal sealed record EventBatch(ArrayBufferWriter<byte> Records, int Count, string Publisher);
