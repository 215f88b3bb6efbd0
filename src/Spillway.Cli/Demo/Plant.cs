namespace Spillway.Cli.Demo;

/// <summary>Places sensors: three on each machine, the machines in turn at each site.</summary>
internal static class Plant
{
    public const int MaxSensors = 1_000;

    private static readonly string[] Sites = ["north", "east", "south", "west"];
    private static readonly string[] Machines = ["press", "pump", "mill", "fan", "mixer", "lathe"];

    public static IReadOnlyList<Sensor> Place(int count)
    {
        var sensors = new Sensor[count];
        for (var index = 0; index < count; index++)
        {
            var machine = index / SensorKind.All.Count;
            sensors[index] = new Sensor(Sites[machine % Sites.Length], NameMachine(machine), SensorKind.All[index % SensorKind.All.Count]);
        }

        return sensors;
    }

    // The number makes the name unique in the plant: press-1, pump-2, and after the list is through, press-7.
    private static string NameMachine(int machine) => $"{Machines[machine % Machines.Length]}-{machine + 1}";
}
