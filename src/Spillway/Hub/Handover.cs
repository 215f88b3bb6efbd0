using Spillway.Delivery;

namespace Spillway.Hub;

/// <summary>A registered subscription without a response: its adoption is to be posted to its loop, or its strands given back, and in the end the hub has to <see cref="PushHub.Forget"/> it.</summary>
/// <param name="Hub">The hub.</param>
/// <param name="Loop">The loop for which its strands are held.</param>
/// <param name="Adoption">What the loop needs to know; without an owner yet.</param>
internal sealed record Handover(PushHub Hub, DeliveryLoop Loop, Adoption Adoption);
