from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("clips", "0001_initial")]

    operations = [
        migrations.AddField(
            model_name="clip",
            name="film_state",
            field=models.CharField(
                choices=[
                    ("none", "None"),
                    ("waiting", "Waiting"),
                    ("making", "Making"),
                    ("made", "Made"),
                    ("failed", "Failed"),
                ],
                default="none",
                max_length=10,
            ),
        ),
        migrations.AddField(
            model_name="clip",
            name="n_film_attempts",
            field=models.PositiveSmallIntegerField(default=0),
        ),
        migrations.AddField(
            model_name="clip",
            name="film",
            field=models.JSONField(null=True),
        ),
    ]
