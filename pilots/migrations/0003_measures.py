import django.db.models.deletion
from django.db import migrations, models

POPULATION = {
    "position": 1, "theme": "population", "name_fi": "väkiluku", "name_sv": "folkmängd", "name_en": "population",
    "unit": "people", "decimals": 0, "area_rule": "sum", "source": "Portaalin oma mittariluettelo",
}  # fmt: skip


def name_population(apps, schema_editor):
    """Figures that are there already are of the one measure that there was."""
    if apps.get_model("pilots", "Indicator").objects.exists():
        apps.get_model("pilots", "Measure").objects.create(code="population", **POPULATION)


class Migration(migrations.Migration):

    dependencies = [
        ("pilots", "0002_obstacles_and_register"),
    ]

    operations = [
        migrations.CreateModel(
            name="Measure",
            fields=[
                ("source", models.CharField(max_length=300, verbose_name="source")),
                ("loaded", models.JSONField(blank=True, default=dict, editable=False)),
                ("code", models.SlugField(max_length=40, primary_key=True, serialize=False, verbose_name="code")),
                ("position", models.PositiveSmallIntegerField(unique=True, verbose_name="order")),
                ("theme", models.CharField(choices=[("population", "Population and migration"), ("ages", "Age groups"), ("education", "Pupils and schools"), ("economy", "Work and finances")], max_length=20, verbose_name="theme")),
                ("name_fi", models.CharField(max_length=100, verbose_name="name in Finnish")),
                ("name_sv", models.CharField(max_length=100, verbose_name="name in Swedish")),
                ("name_en", models.CharField(max_length=100, verbose_name="name in English")),
                ("unit", models.CharField(choices=[("people", "people"), ("percent", "%"), ("schools", "schools"), ("euros_per_pupil", "€ per pupil"), ("euros_per_inhabitant", "€ per inhabitant")], max_length=30, verbose_name="unit")),
                ("decimals", models.PositiveSmallIntegerField(default=0, verbose_name="decimals")),
                ("area_rule", models.CharField(choices=[("sum", "The figures of the municipalities are added up."), ("weighted", "A mean of the municipalities, each with its own weight."), ("none", "Figures of several municipalities are not put together.")], max_length=10, verbose_name="rule for several municipalities")),
                ("weight", models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="pilots.measure", verbose_name="weighted by")),
            ],
            options={
                "ordering": ["position"],
                "constraints": [
                    models.CheckConstraint(condition=models.Q(models.Q(("area_rule", "weighted"), ("weight__isnull", False)), models.Q(models.Q(("area_rule", "weighted"), _negated=True), ("weight", None)), _connector="OR"), name="measure_weight_for_weighted", violation_error_message="A weighted mean, and nothing else, names the measure that it is weighted by."),
                    models.CheckConstraint(condition=models.Q(("decimals__lte", 2)), name="measure_decimals_at_most_two", violation_error_message="At most two decimals are kept."),
                ],
            },
        ),
        migrations.RunPython(name_population, migrations.RunPython.noop),
    ]
